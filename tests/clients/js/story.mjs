// One call after another to a region with the official SDK for JavaScript. Each
// prints "protocol service operation: what it saw"; the protocol is the one that
// the SDK's client says it speaks. The first surprise ends the story with 1.
import assert from "node:assert/strict";
import { AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols"; // comes with every client
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as ec2 from "@aws-sdk/client-ec2";
import * as ecs from "@aws-sdk/client-ecs";
import * as elbv2 from "@aws-sdk/client-elastic-load-balancing-v2";
import * as iam from "@aws-sdk/client-iam";
import * as route53 from "@aws-sdk/client-route-53";
import * as s3 from "@aws-sdk/client-s3";
import * as secrets from "@aws-sdk/client-secrets-manager";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";

const patience = 60; // seconds that a waiter may take

function saw(client, operation, what) {
	const protocol = client.config.protocol.getShapeId().split("#")[1];
	console.log(`${protocol} ${client.config.serviceId} ${operation}: ${what}`);
}

async function identity() {
	const client = new sts.STSClient();
	const me = await client.send(new sts.GetCallerIdentityCommand({}));
	saw(client, "GetCallerIdentity", me.Account);
}

async function roles() {
	const client = new iam.IAMClient();
	const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" }] };
	await client.send(new iam.CreateRoleCommand({ RoleName: "js", AssumeRolePolicyDocument: JSON.stringify(trust), Tags: [{ Key: "by", Value: "js é" }] }));
	await iam.waitUntilRoleExists({ client, maxWaitTime: patience }, { RoleName: "js" });
	const { Role } = await client.send(new iam.GetRoleCommand({ RoleName: "js" }));
	assert.deepEqual(JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument)), trust);
	assert(Role.CreateDate instanceof Date && Math.abs(Date.now() - Role.CreateDate) < 3600e3, `CreateDate ${Role.CreateDate}`);
	saw(client, "GetRole", `${Role.Arn} ${Role.Tags[0].Value}`);
}

async function networks() {
	const client = new ec2.EC2Client();
	const { Vpc } = await client.send(new ec2.CreateVpcCommand({ CidrBlock: "10.77.0.0/16" }));
	const waited = await ec2.waitUntilVpcAvailable({ client, maxWaitTime: patience }, { VpcIds: [Vpc.VpcId] });
	saw(client, "waitUntilVpcAvailable", waited.state);
	for (let n = 0; n < 7; n++) {
		await client.send(new ec2.CreateSubnetCommand({ VpcId: Vpc.VpcId, CidrBlock: `10.77.${n}.0/24` }));
	}
	const pages = [];
	const filters = [{ Name: "vpc-id", Values: [Vpc.VpcId] }];
	for await (const page of ec2.paginateDescribeSubnets({ client, pageSize: 5 }, { Filters: filters })) {
		pages.push(page.Subnets.map((s) => s.CidrBlock));
	}
	assert.equal(new Set(pages.flat()).size, 7, `subnets ${pages}`);
	saw(client, "paginateDescribeSubnets", pages.map((p) => p.length).join("+"));
	await assert.rejects(client.send(new ec2.DeleteVpcCommand({ VpcId: Vpc.VpcId })), (err) => {
		assert(err instanceof ec2.EC2ServiceException, `not the service's: ${err}`);
		saw(client, "DeleteVpc", `${err.name} ${err.$metadata.httpStatusCode}`);
		return true;
	});
}

async function anyVpc() {
	const { Vpcs } = await new ec2.EC2Client().send(new ec2.DescribeVpcsCommand({}));
	return Vpcs[0].VpcId;
}

async function targets() {
	const client = new elbv2.ElasticLoadBalancingV2Client();
	const health = { HealthCheckPath: "/up", HealthCheckIntervalSeconds: 7, HealthCheckTimeoutSeconds: 3, Matcher: { HttpCode: "200-299" } };
	const VpcId = await anyVpc();
	await client.send(new elbv2.CreateTargetGroupCommand({ Name: "js", Protocol: "HTTP", Port: 8080, VpcId, TargetType: "ip", ...health }));
	const { TargetGroups: [group] } = await client.send(new elbv2.DescribeTargetGroupsCommand({ Names: ["js"] }));
	assert.equal(group.VpcId, VpcId);
	saw(client, "DescribeTargetGroups", `${group.Port} ${group.HealthCheckIntervalSeconds} ${group.HealthCheckEnabled} ${group.Matcher.HttpCode}`);
	await assert.rejects(client.send(new elbv2.DescribeTargetGroupsCommand({ Names: ["none"] })), (err) => {
		assert(err instanceof elbv2.TargetGroupNotFoundException, `not of its class: ${err}`);
		saw(client, "DescribeTargetGroups", err.name);
		return true;
	});
}

async function clusters() {
	const client = new ecs.ECSClient();
	await client.send(new ecs.CreateClusterCommand({ clusterName: "js" }));
	const { clusters: [cluster] } = await client.send(new ecs.DescribeClustersCommand({ clusters: ["js"] }));
	saw(client, "DescribeClusters", `${cluster.clusterName} ${cluster.status} ${cluster.runningTasksCount}`);
}

async function queues() {
	const client = new sqs.SQSClient();
	const { QueueUrl } = await client.send(new sqs.CreateQueueCommand({ QueueName: "js" }));
	await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: "hello é" })); // the SDK checks the MD5 that comes back
	const { Messages: [message] } = await client.send(new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
	await client.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
	saw(client, "ReceiveMessage", message.Body);
	await assert.rejects(client.send(new sqs.GetQueueUrlCommand({ QueueName: "none" })), (err) => {
		assert(err instanceof sqs.QueueDoesNotExist, `not of its class: ${err}`);
		saw(client, "GetQueueUrl", err.name);
		return true;
	});
}

async function parameters() {
	const client = new ssm.SSMClient();
	await client.send(new ssm.PutParameterCommand({ Name: "/js/word", Type: "SecureString", Value: "kept" }));
	const { Parameter } = await client.send(new ssm.GetParameterCommand({ Name: "/js/word", WithDecryption: true }));
	saw(client, "GetParameter", `${Parameter.Type} ${Parameter.Value} ${Parameter.Version}`);
}

async function kept() {
	const client = new secrets.SecretsManagerClient();
	await client.send(new secrets.CreateSecretCommand({ Name: "js", SecretBinary: Uint8Array.of(0, 255, 10) }));
	const secret = await client.send(new secrets.GetSecretValueCommand({ SecretId: "js" }));
	saw(client, "GetSecretValue", `${secret.SecretBinary} ${secret.VersionStages}`);
}

async function objects() {
	const client = new s3.S3Client({ forcePathStyle: true });
	const Bucket = "js-box";
	await client.send(new s3.CreateBucketCommand({ Bucket }));
	await s3.waitUntilBucketExists({ client, maxWaitTime: patience }, { Bucket });
	await client.send(new s3.PutObjectCommand({ Bucket, Key: "dir/two words é.txt", Body: "text", Metadata: { by: "js" } }));
	const got = await client.send(new s3.GetObjectCommand({ Bucket, Key: "dir/two words é.txt" })); // with its checksum
	saw(client, "GetObject", `${await got.Body.transformToString()} ${got.ContentLength} ${got.Metadata.by}`);
	const list = await client.send(new s3.ListObjectsV2Command({ Bucket, Prefix: "dir/" }));
	saw(client, "ListObjectsV2", list.Contents.map((o) => `${o.Key} ${o.Size}`).join());
	await assert.rejects(client.send(new s3.GetObjectCommand({ Bucket, Key: "none" })), (err) => {
		assert(err instanceof s3.NoSuchKey, `not of its class: ${err}`);
		saw(client, "GetObject", `${err.name} ${err.$metadata.httpStatusCode}`);
		return true;
	});
}

async function zones() {
	const client = new route53.Route53Client();
	const { HostedZone } = await client.send(new route53.CreateHostedZoneCommand({ Name: "js.example", CallerReference: "js" }));
	const record = { Name: "www.js.example", Type: "A", TTL: 60, ResourceRecords: [{ Value: "10.0.0.1" }] };
	const { ChangeInfo } = await client.send(new route53.ChangeResourceRecordSetsCommand({
		HostedZoneId: HostedZone.Id, ChangeBatch: { Changes: [{ Action: "CREATE", ResourceRecordSet: record }] },
	}));
	await route53.waitUntilResourceRecordSetsChanged({ client, maxWaitTime: patience }, { Id: ChangeInfo.Id });
	const { ResourceRecordSets: sets } = await client.send(new route53.ListResourceRecordSetsCommand({ HostedZoneId: HostedZone.Id }));
	saw(client, "ListResourceRecordSets", sets.map((r) => `${r.Type} ${r.Name}`).join(", "));
}

async function figures(options) {
	const client = new cloudwatch.CloudWatchClient(options);
	const MetricName = client.config.protocol.getShapeId();
	const now = Math.floor(Date.now() / 60e3) * 60e3;
	await client.send(new cloudwatch.PutMetricDataCommand({
		Namespace: "js", MetricData: [{ MetricName, Timestamp: new Date(now - 60e3), Values: [1.5, 4], Counts: [1, 2], Unit: "Count" }],
	}));
	const { MetricDataResults: [result] } = await client.send(new cloudwatch.GetMetricDataCommand({
		StartTime: new Date(now - 600e3), EndTime: new Date(now + 600e3),
		MetricDataQueries: [{ Id: "sum", MetricStat: { Metric: { Namespace: "js", MetricName }, Period: 60, Stat: "Sum" } }],
	}));
	assert.equal(result.Timestamps[0].getTime(), now - 60e3);
	saw(client, "GetMetricData", `${result.Id} ${result.Values}`);
}

async function tail() {
	const client = new logs.CloudWatchLogsClient({ disableHostPrefix: true }); // streaming-127.0.0.1 is no name
	await client.send(new logs.CreateLogGroupCommand({ logGroupName: "/js" }));
	const { logGroups: [group] } = await client.send(new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: "/js" }));
	const { responseStream } = await client.send(new logs.StartLiveTailCommand({ logGroupIdentifiers: [group.logGroupArn] }));
	for await (const event of responseStream) {
		assert(event.sessionStart?.sessionId, `first event ${JSON.stringify(event)}`);
		saw(client, "StartLiveTail", `${Object.keys(event)} ${event.sessionStart.logGroupIdentifiers}`);
		break;
	}
	client.destroy();
}

try {
	for (const chapter of [identity, roles, networks, targets, clusters, queues, parameters, kept, objects, zones]) {
		await chapter();
	}
	await figures({});
	await figures({ protocol: AwsSmithyRpcV2CborProtocol });
	await tail();
	process.exit(0); // a stream that is left keeps its connection
} catch (err) {
	console.error(err);
	process.exit(1);
}
