//! rekognition
