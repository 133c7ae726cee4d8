"""The tasks that the examples declare."""

from tasks.examples.batch import process_item
from tasks.examples.calculation import sum_squares
from tasks.examples.fetching import fetch_data
from tasks.examples.handled import handle_errors
from tasks.examples.maintenance import maintain
from tasks.examples.monitoring import check_health
from tasks.examples.primes import count_primes
from tasks.examples.processing import process_data
from tasks.examples.reminder import send_reminder
from tasks.examples.unreliable import unreliable

tasks = [
    count_primes,
    fetch_data,
    send_reminder,
    check_health,
    process_data,
    unreliable,
    handle_errors,
    maintain,
    process_item,
    sum_squares,
]
