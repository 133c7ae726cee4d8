"""What can go wrong, and whether another try helps.

WindrowError
├── ConfigurationError      the deployment is wrong: a setting is missing or impossible
├── DefinitionError         a task is declared wrong; raised at import
├── UnknownTask             no task of this name is registered
├── InvalidParams           the params of a submission do not fit the task
├── UnknownPool             there is no pool of this name
├── UnknownTenant           an authorizer named no tenant, or none that can be one
├── Draining                a pool accepts no tasks for now, as an operator wants it
├── InvalidOption           an option of a submission is impossible
├── Refused                 some of several tasks that were submitted together are wrong
├── NotTried                there was no time left for one of several tasks
├── InvalidCursor           a cursor is not of this list
├── NoMap                   a task that is no map was asked for its items
├── NoResult                a task has no result, or none yet
├── KeyReused               a key was submitted before, with another task or other params
├── TooLarge                what a task was given or made is larger than Windrow keeps
├── NotFound                there is no task of this id, or its record has expired
│   ├── ResultExpired       a task is there, and its result is not kept any more
│   └── NoSchedule          there is no schedule of this id, or it was removed
├── ScheduleExists          there is a schedule of this id already
├── DeclaredInCode          a schedule that is declared with its task is changed there
├── AlreadyOver             a task that has ended cannot be cancelled any more
├── NotQueued               only a task that waits can be given another priority
├── NoEndpoint              there is no webhook endpoint of this id
├── TooManySchedules        a tenant has as many as there may be
├── TooManyEndpoints        a tenant has as many webhook endpoints as there may be
├── WebhooksOff             this deployment has no key to sign webhooks with
├── TooManyItems            a plan has more items than a map takes
├── InvalidItems            an object that a plan names is no JSON Lines of items
├── OutOfTime               a plan was not through with its items when its invocation's time was up
├── ObjectChanged           an object that a map is cut from was changed or removed while it ran
├── Misused                 a task asked its context for what there is not
├── WriteRefused            one of the writes of a step was refused; carries its index
├── NothingToRetry          a task has nothing that could be done again
├── RebuildRuns             the figures are being recomputed already
├── UniqueKeyHeld           a task cannot begin again: its unique key is another one's by now
├── IllegalMove             a record was asked to go from one state to a state it cannot reach
├── Retry                   raised by a task: try me again, then
├── Fenced                  another attempt owns the record now; this one must stop
│   └── CancelRequested     it may not start again: its cancellation was asked for
└── aws.errors.ServiceError an AWS call failed
"""

from windrow.errors.asked import (
    AlreadyOver,
    DeclaredInCode,
    Draining,
    InvalidCursor,
    InvalidOption,
    InvalidParams,
    KeyReused,
    NoEndpoint,
    NoMap,
    NoResult,
    NoSchedule,
    NotFound,
    NothingToRetry,
    NotQueued,
    NotTried,
    RebuildRuns,
    Refused,
    ResultExpired,
    ScheduleExists,
    TooLarge,
    TooManyEndpoints,
    TooManySchedules,
    UniqueKeyHeld,
    UnknownPool,
    UnknownTask,
    UnknownTenant,
    WebhooksOff,
    one_of,
)
from windrow.errors.attempts import (
    CancelRequested,
    Fenced,
    IllegalMove,
    InvalidItems,
    Misused,
    ObjectChanged,
    OutOfTime,
    Retry,
    TooManyItems,
    WriteRefused,
)
from windrow.errors.base import (
    ConfigurationError,
    DefinitionError,
    WindrowError,
    is_retryable,
)

__all__ = [
    "AlreadyOver",
    "CancelRequested",
    "ConfigurationError",
    "DeclaredInCode",
    "DefinitionError",
    "Draining",
    "Fenced",
    "IllegalMove",
    "InvalidCursor",
    "InvalidItems",
    "InvalidOption",
    "InvalidParams",
    "KeyReused",
    "Misused",
    "NoEndpoint",
    "NoMap",
    "NoResult",
    "NoSchedule",
    "NotFound",
    "NotQueued",
    "NotTried",
    "NothingToRetry",
    "ObjectChanged",
    "OutOfTime",
    "RebuildRuns",
    "Refused",
    "ResultExpired",
    "Retry",
    "ScheduleExists",
    "TooLarge",
    "TooManyEndpoints",
    "TooManyItems",
    "TooManySchedules",
    "UniqueKeyHeld",
    "UnknownPool",
    "UnknownTask",
    "UnknownTenant",
    "WebhooksOff",
    "WindrowError",
    "WriteRefused",
    "is_retryable",
    "one_of",
]
