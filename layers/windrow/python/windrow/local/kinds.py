"""What the pinned emulator does with each property of each kind of resource.

Read from its source (the CloudFormation provisioners of ministack 1.5.33) and tried. A property is
honoured, or it is dropped and that changes nothing on one machine, or it is dropped and a stack
that asks for it is refused. What is in none of the three nobody looked at, and it is refused too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`dropped` says why the loss of a property changes nothing, `refused` what would be lost.

    `parts` are properties that are honoured in part: each is judged as a kind of its own.
    """

    honoured: frozenset[str]
    dropped: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, "Kind"] = field(default_factory=dict)


_ENCRYPTION = "data lives in this machine's memory and is thrown away"
_METRICS = "the emulator has no metrics of queues, APIs or our own, so no alarm would use it"
_RIGHTS = "rights are not checked; the functions' roles are, by the template tests"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KINDS: Mapping[str, Kind] = {
    "AWS::ApiGatewayV2::Api": Kind(
        honoured=_words("CorsConfiguration Description Name ProtocolType Tags Version"),
        refused={
            "Body": "the emulator drops the routes of an OpenAPI body (AWS::Serverless::HttpApi is "
            "one), and every URL would answer 404; write Integration, Route and Stage resources",
            "BodyS3Location": "the emulator drops the routes of an OpenAPI body",
            "FailOnWarnings": "the emulator imports no OpenAPI body",
        },
    ),
    "AWS::ApiGatewayV2::Integration": Kind(
        honoured=_words(
            "ApiId Description IntegrationMethod IntegrationType IntegrationUri "
            "PayloadFormatVersion"
        ),
        dropped={"TimeoutInMillis": "the function's own timeout, which is shorter, ends the call"},
    ),
    "AWS::ApiGatewayV2::Route": Kind(
        honoured=_words("ApiId AuthorizationType OperationName RouteKey Target")
    ),
    "AWS::ApiGatewayV2::Stage": Kind(
        honoured=_words("ApiId AutoDeploy Description StageName StageVariables Tags"),
        dropped={
            "AccessLogSettings": "requests show in the functions' own logs",
            "DefaultRouteSettings": "the ceiling protects an account's bill, and here is none",
            "RouteSettings": "the ceiling protects an account's executions, and here are none",
        },
    ),
    "AWS::CloudWatch::Alarm": Kind(
        honoured=_words(
            "AlarmActions AlarmDescription AlarmName ComparisonOperator DatapointsToAlarm "
            "Dimensions EvaluationPeriods MetricName Namespace OKActions Period Statistic Tags "
            "Threshold TreatMissingData"
        ),
        refused={"Metrics": "the emulator has no metric math; use MetricName and Namespace"},
    ),
    "AWS::CloudWatch::Dashboard": Kind(honoured=_words("DashboardBody DashboardName")),
    "AWS::DynamoDB::Table": Kind(
        honoured=_words(
            "AttributeDefinitions BillingMode GlobalSecondaryIndexes KeySchema "
            "LocalSecondaryIndexes StreamSpecification TableName Tags "
            "TimeToLiveSpecification"  # dropped by the emulator, and set by the launcher
        ),
        dropped={
            "ContributorInsightsSpecification": _METRICS,
            "DeletionProtectionEnabled": _ENCRYPTION,
            "PointInTimeRecoverySpecification": _ENCRYPTION,
            "SSESpecification": _ENCRYPTION,
        },
    ),
    "AWS::Events::Rule": Kind(
        honoured=_words("Description EventBusName EventPattern Name State Targets"),
        refused={"ScheduleExpression": "use EventBridge Scheduler: an AWS::Scheduler::Schedule"},
    ),
    "AWS::Events::EventBus": Kind(honoured=_words("Name Tags")),
    "AWS::IAM::ManagedPolicy": Kind(
        honoured=_words("Description ManagedPolicyName Path PolicyDocument"),
    ),
    "AWS::IAM::Role": Kind(
        honoured=_words(
            "AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path "
            "Policies RoleName Tags"
        ),
        dropped={"PermissionsBoundary": _RIGHTS},
    ),
    "AWS::Lambda::EventInvokeConfig": Kind(
        honoured=_words(
            "DestinationConfig FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts Qualifier"
        ),
    ),
    "AWS::Lambda::EventSourceMapping": Kind(
        honoured=_words(
            "BatchSize BisectBatchOnFunctionError DestinationConfig Enabled EventSourceArn "
            "FilterCriteria FunctionName FunctionResponseTypes MaximumRecordAgeInSeconds "
            "MaximumRetryAttempts ParallelizationFactor ScalingConfig StartingPosition"
        ),
        dropped={
            "MaximumBatchingWindowInSeconds": "batches are handed over sooner and smaller",
            "TumblingWindowInSeconds": "a stream has one shard here, and needs no name of it",
            "MetricsConfig": _METRICS,
            "Tags": "nothing here reads the tags of a mapping",
        },
    ),
    "AWS::Lambda::Function": Kind(
        honoured=_words(
            "Code Description Environment FunctionName Handler Layers LoggingConfig MemorySize "
            "PackageType Role Runtime Tags Timeout TracingConfig"
        ),
        dropped={
            "Architectures": "functions run on this machine's processor, and are packaged for it",
            "EphemeralStorage": "a function's /tmp is this machine's",
            "ReservedConcurrentExecutions": "no account's executions are shared here; how many "
            "workers run at once is for MaximumConcurrency of their mappings to say",
            "RecursiveLoop": "only functions that invoke each other directly are counted here",
        },
        refused={
            "DeadLetterConfig": "the emulator drops it, and failed calls would be lost",
            "ImageConfig": "the local stack runs no container images",
        },
    ),
    "AWS::Lambda::LayerVersion": Kind(
        honoured=_words(
            "CompatibleArchitectures CompatibleRuntimes Content Description LayerName LicenseInfo"
        ),
    ),
    "AWS::Lambda::Permission": Kind(
        honoured=_words("Action FunctionName Principal SourceAccount SourceArn"),
    ),
    "AWS::Logs::LogGroup": Kind(
        honoured=_words("KmsKeyId LogGroupClass LogGroupName RetentionInDays Tags"),
    ),
    "AWS::S3::Bucket": Kind(
        honoured=_words(
            "BucketName CorsConfiguration NotificationConfiguration PublicAccessBlockConfiguration "
            "VersioningConfiguration WebsiteConfiguration"
        ),
        dropped={
            "BucketEncryption": _ENCRYPTION,
            "LifecycleConfiguration": "no object lives for days here",
            "OwnershipControls": "there is one account",
            "Tags": "nothing here reads the tags of a bucket",
        },
    ),
    "AWS::S3::BucketPolicy": Kind(honoured=_words("Bucket PolicyDocument")),
    "AWS::SQS::Queue": Kind(
        honoured=_words(
            "ContentBasedDeduplication DelaySeconds FifoQueue MaximumMessageSize "
            "MessageRetentionPeriod QueueName ReceiveMessageWaitTimeSeconds RedriveAllowPolicy "
            "RedrivePolicy SqsManagedSseEnabled Tags VisibilityTimeout"
        ),
        dropped={"KmsMasterKeyId": _ENCRYPTION, "KmsDataKeyReusePeriodSeconds": _ENCRYPTION},
    ),
    "AWS::SQS::QueuePolicy": Kind(honoured=_words("PolicyDocument Queues")),
    "AWS::SecretsManager::Secret": Kind(
        honoured=_words("Description GenerateSecretString Name SecretString Tags"),
        dropped={"KmsKeyId": _ENCRYPTION},
    ),
    "AWS::Scheduler::Schedule": Kind(
        honoured=_words("Description GroupName Name ScheduleExpression State"),
        dropped={"FlexibleTimeWindow": "a schedule starts at the beginning of its window"},
        refused={
            "EndDate": "the emulator drops it, and the schedule would never end",
            "ScheduleExpressionTimezone": "the emulator drops it and works in UTC",
            "StartDate": "the emulator drops it, and the schedule would start at once",
        },
        parts={
            "Target": Kind(
                honoured=_words("Arn Input RoleArn"),
                dropped={
                    "RetryPolicy": "a target on this machine is there or is broken, and is called "
                    "once: what it raises shows in its log"
                },
                refused={
                    "DeadLetterConfig": "the emulator drops it, and what no target took is lost"
                },
            )
        },
    ),
    "AWS::Scheduler::ScheduleGroup": Kind(honoured=_words("Name Tags")),
}
