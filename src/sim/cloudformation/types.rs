//! The types of resources that stacks are made of: their properties, what a change of one means, and how long they take.

/// A type of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name, e.g. `AWS::SQS::Queue`.
    pub name: &'static str,
    /// Its properties: `*` stands before one that must be there, `!` before one whose change replaces the resource.
    properties: &'static str,
    /// What `Fn::GetAtt` gives.
    attributes: &'static str,
    /// How long making one takes, in seconds.
    pub seconds: i64,
    /// The property that names it, and how long a name may be: for those that get a name if they have none.
    pub named: Option<(&'static str, usize)>,
}

/// All of them (CloudFormation Template Reference, as of 2026).
const KINDS: [Kind; 15] = [
    Kind {
        name: "AWS::S3::Bucket",
        properties: "AbacStatus AccelerateConfiguration AccessControl AnalyticsConfigurations BucketEncryption !BucketName \
            CorsConfiguration IntelligentTieringConfigurations InventoryConfigurations LifecycleConfiguration \
            LoggingConfiguration MetadataConfiguration MetadataTableConfiguration MetricsConfigurations \
            NotificationConfiguration ObjectLockConfiguration !ObjectLockEnabled OwnershipControls \
            PublicAccessBlockConfiguration ReplicationConfiguration Tags VersioningConfiguration WebsiteConfiguration",
        attributes: "Arn DomainName DualStackDomainName RegionalDomainName WebsiteURL",
        seconds: 20,
        named: Some(("BucketName", 63)),
    },
    Kind {
        name: "AWS::SQS::Queue",
        properties: "ContentBasedDeduplication DeduplicationScope DelaySeconds !FifoQueue FifoThroughputLimit \
            KmsDataKeyReusePeriodSeconds KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod !QueueName \
            ReceiveMessageWaitTimeSeconds RedriveAllowPolicy RedrivePolicy SqsManagedSseEnabled Tags VisibilityTimeout",
        attributes: "Arn QueueName QueueUrl",
        seconds: 31,
        named: Some(("QueueName", 80)),
    },
    Kind {
        name: "AWS::SQS::QueuePolicy",
        properties: "*PolicyDocument *Queues",
        attributes: "Id",
        seconds: 3,
        named: None,
    },
    Kind {
        name: "AWS::IAM::Role",
        properties: "*AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration !Path \
            PermissionsBoundary Policies !RoleName Tags",
        attributes: "Arn RoleId",
        seconds: 16,
        named: Some(("RoleName", 64)),
    },
    Kind {
        name: "AWS::IAM::Policy",
        properties: "Groups *PolicyDocument *PolicyName Roles Users",
        attributes: "Id",
        seconds: 16,
        named: None,
    },
    Kind {
        name: "AWS::Lambda::Function",
        properties: "Architectures CapacityProviderConfig *Code CodeSigningConfigArn DeadLetterConfig Description \
            DurableConfig Environment EphemeralStorage FileSystemConfigs !FunctionName FunctionScalingConfig Handler \
            ImageConfig KmsKeyArn Layers LoggingConfig MemorySize !PackageType PublishToLatestPublished RecursiveLoop \
            ReservedConcurrentExecutions *Role Runtime RuntimeManagementConfig SnapStart Tags !TenancyConfig Timeout \
            TracingConfig VpcConfig",
        attributes: "Arn",
        seconds: 7,
        named: Some(("FunctionName", 64)),
    },
    Kind {
        name: "AWS::Lambda::Permission",
        properties: "!*Action !EventSourceToken !*FunctionName !FunctionUrlAuthType !InvokedViaFunctionUrl !*Principal \
            !PrincipalOrgID !SourceAccount !SourceArn",
        attributes: "Id",
        seconds: 2,
        named: None,
    },
    Kind {
        name: "AWS::Lambda::EventInvokeConfig",
        properties: "DestinationConfig !*FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts !*Qualifier",
        attributes: "",
        seconds: 2,
        named: None,
    },
    Kind {
        name: "AWS::Lambda::EventSourceMapping",
        properties: "!AmazonManagedKafkaEventSourceConfig BatchSize BisectBatchOnFunctionError DestinationConfig \
            DocumentDBEventSourceConfig Enabled !EventSourceArn FilterCriteria *FunctionName FunctionResponseTypes \
            KmsKeyArn LoggingConfig MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds MaximumRetryAttempts \
            MetricsConfig ParallelizationFactor ProvisionedPollerConfig Queues ScalingConfig !SelfManagedEventSource \
            !SelfManagedKafkaEventSourceConfig SourceAccessConfigurations !StartingPosition \
            !StartingPositionTimestamp Tags Topics TumblingWindowInSeconds",
        attributes: "EventSourceMappingArn Id",
        seconds: 5,
        named: None,
    },
    Kind {
        name: "AWS::Scheduler::ScheduleGroup",
        properties: "!Name Tags",
        attributes: "Arn CreationDate LastModificationDate State",
        seconds: 3,
        named: Some(("Name", 64)),
    },
    Kind {
        name: "AWS::Scheduler::Schedule",
        properties: "Description EndDate *FlexibleTimeWindow GroupName KmsKeyArn !Name *ScheduleExpression \
            ScheduleExpressionTimezone StartDate State *Target",
        attributes: "Arn",
        seconds: 2,
        named: Some(("Name", 64)),
    },
    Kind {
        name: "AWS::CloudWatch::Alarm",
        properties: "ActionsEnabled AlarmActions AlarmDescription !AlarmName *ComparisonOperator DatapointsToAlarm \
            Dimensions EvaluateLowSampleCountPercentile *EvaluationPeriods ExtendedStatistic InsufficientDataActions \
            MetricName Metrics Namespace OKActions Period Statistic Tags Threshold ThresholdMetricId TreatMissingData \
            Unit",
        attributes: "Arn",
        seconds: 2,
        named: Some(("AlarmName", 255)),
    },
    Kind {
        name: "AWS::Logs::LogGroup",
        properties: "DataProtectionPolicy DeletionProtectionEnabled FieldIndexPolicies KmsKeyId LogGroupClass \
            !LogGroupName ResourcePolicyDocument RetentionInDays Tags",
        attributes: "Arn",
        seconds: 3,
        named: Some(("LogGroupName", 512)),
    },
    Kind {
        name: "AWS::SNS::Topic",
        properties: "ArchivePolicy ContentBasedDeduplication DataProtectionPolicy DeliveryStatusLogging DisplayName \
            FifoThroughputScope !FifoTopic KmsMasterKeyId SignatureVersion Subscription Tags !TopicName TracingConfig",
        attributes: "TopicArn TopicName",
        seconds: 10,
        named: Some(("TopicName", 256)),
    },
    Kind {
        name: "AWS::SNS::Subscription",
        properties: "DeliveryPolicy !Endpoint FilterPolicy FilterPolicyScope !*Protocol RawMessageDelivery RedrivePolicy \
            Region ReplayPolicy SubscriptionRoleArn !*TopicArn",
        attributes: "Arn",
        seconds: 2,
        named: None,
    },
];

/// The type of a name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

impl Kind {
    fn property(&self, name: &str) -> Option<&'static str> {
        self.properties.split_whitespace().find(|entry| entry.trim_start_matches(['*', '!']) == name)
    }

    /// Whether it has a property.
    #[must_use]
    pub fn knows(&self, property: &str) -> bool {
        self.property(property).is_some()
    }

    /// Whether a change of a property makes a new resource in the place of the old one.
    #[must_use]
    pub fn replaces(&self, property: &str) -> bool {
        self.property(property).is_some_and(|entry| entry.starts_with('!'))
    }

    /// The properties that must be there.
    pub fn required(&self) -> impl Iterator<Item = &'static str> {
        let required = self.properties.split_whitespace().filter(|entry| entry.contains('*'));
        required.map(|entry| entry.trim_start_matches(['*', '!']))
    }

    /// Whether it has an attribute.
    #[must_use]
    pub fn gives(&self, attribute: &str) -> bool {
        self.attributes.split_whitespace().any(|name| name == attribute)
    }

    /// Whether making one takes a capability.
    #[must_use]
    pub fn is_iam(&self) -> bool {
        self.name.starts_with("AWS::IAM::")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_tell_what_a_change_of_them_means() {
        let mapping = kind("AWS::Lambda::EventSourceMapping").expect("a type");
        assert!(mapping.knows("Enabled") && !mapping.replaces("Enabled"));
        assert!(mapping.replaces("EventSourceArn") && !mapping.knows("EventSourceARN"));
        assert_eq!(mapping.required().collect::<Vec<_>>(), ["FunctionName"]);
        let permission = kind("AWS::Lambda::Permission").expect("a type");
        assert_eq!(permission.required().collect::<Vec<_>>(), ["Action", "FunctionName", "Principal"]);
        assert!(permission.replaces("Action"));
        assert_eq!(kind("AWS::SQS::Queu"), None);
    }
}
