"""The one narrow port to AWS: call(service, operation, parameters), in boto3's low-level shapes."""
