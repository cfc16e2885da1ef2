//! The account on a port of this machine.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use rekotui::sim::front::{Answer, Breakage};
use rekotui::sim::serve::serve;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::stub::{SIGNED, Wire};

struct Port {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<()>>,
}

async fn open(wire: &Wire) -> Port {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async move { drop(stopped.await) };
    Port { address, stop, running: tokio::spawn(serve(wire.stub.clone(), listener, shutdown)) }
}

fn call() -> String {
    let (name, value) = SIGNED;
    format!("GET /schedules?MaxResults=2 HTTP/1.1\r\nhost: localhost\r\n{name}: {value}\r\n\r\n")
}

/// One answer, head and body, off a connection that stays open.
async fn hear(stream: &mut TcpStream) -> String {
    let mut heard = String::new();
    let mut bytes = [0; 4096];
    loop {
        let count = stream.read(&mut bytes).await.unwrap();
        heard.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        if let Some((head, body)) = heard.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if count == 0 || body.len() >= length.parse().unwrap() {
                return heard;
            }
        }
        assert_ne!(count, 0, "{heard}");
    }
}

#[tokio::test]
async fn a_connection_serves_one_call_after_the_other_until_the_end() {
    let wire = Wire::saying([json!({ "Schedules": [] }), json!({ "Schedules": [], "NextToken": "t" })]);
    let port = open(&wire).await;
    let mut stream = TcpStream::connect(port.address).await.unwrap();
    stream.write_all(call().as_bytes()).await.unwrap();
    let heard = hear(&mut stream).await;
    assert!(heard.starts_with("HTTP/1.1 200 OK\r\n") && heard.ends_with("{\"Schedules\":[]}"), "{heard}");
    assert!(heard.contains("x-simulated-time: 2026-11-20T13:09:00.250Z\r\n"), "{heard}");
    assert_eq!(heard.matches("\r\ndate: ").count(), 1, "{heard}");
    stream.write_all(call().as_bytes()).await.unwrap();
    assert!(hear(&mut stream).await.ends_with("\"NextToken\":\"t\"}"));
    port.stop.send(()).unwrap();
    port.running.await.unwrap().unwrap();
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap_or(0), 0, "the connection is closed");
}

#[tokio::test]
async fn answers_break_on_the_port_too() {
    let answer = |breakage| Answer {
        outcome: Ok(json!({ "Schedules": [], "NextToken": "long enough to be cut" })),
        after: Duration::ZERO,
        breakage: Some(breakage),
    };
    let wire = Wire::answering(vec![answer(Breakage::Dropped), answer(Breakage::Truncated)]);
    let port = open(&wire).await;
    let mut stream = TcpStream::connect(port.address).await.unwrap();
    stream.write_all(call().as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard).await;
    assert_eq!(String::from_utf8_lossy(&heard), "", "dropped");
    let mut stream = TcpStream::connect(port.address).await.unwrap();
    stream.write_all(call().as_bytes()).await.unwrap();
    let _ = stream.read_to_end(&mut heard).await;
    let heard = String::from_utf8_lossy(&heard).into_owned();
    let (head, body) = heard.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains("content-length: 52"), "{head}");
    assert_eq!(body.len(), 26, "{body}");
}

#[tokio::test]
async fn the_sdk_speaks_to_the_port() {
    let wire = Wire::saying([json!({ "Account": "123456789012", "Arn": "arn:aws:iam::1:user/a", "UserId": "A" })]);
    let port = open(&wire).await;
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
        .region(aws_sdk_sts::config::Region::new("eu-central-1"))
        .credentials_provider(aws_credential_types::Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .endpoint_url(format!("http://{}", port.address));
    let told = aws_sdk_sts::Client::from_conf(config.build()).get_caller_identity().send().await.unwrap();
    assert_eq!(told.account(), Some("123456789012"));
}

#[tokio::test]
async fn other_machines_are_kept_out() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let wire = Wire::saying([]);
    let error = serve(wire.stub.clone(), listener, std::future::ready(())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("listen on 127.0.0.1"), "{error}");
}
