"""boto3 behind the port, for tests on moto."""

from windrow.aws.boto import Boto

# One for all tests: moto answers any client, and making one takes longer than most tests.
BOTO = Boto()
