"""How work travels: hints on SQS, each saying "look at this record"."""
