"""Mail: written from templates, sent once a task, through SES or SMTP (seed 004's type `email`)."""
