"""The names of the tasks that send mail."""

CONFIRMATION = "email.send_confirmation"
FIR_CONFIRMATION = "email.send_fir_confirmation"
NOTIFICATION = "email.send_notification"
MESSAGE = "email.send_message"

# Seed 004's default of this type, and its queue.
PRIORITY = 3
POOL = "email"
