"""Where records live: one DynamoDB table for them, one bucket for what is too large for it."""
