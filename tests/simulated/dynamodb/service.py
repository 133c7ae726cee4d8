"""DynamoDB, simulated: call(operation, parameters) in boto3's low-level shapes.

Real expressions, transactions with tokens and conflicts, indexes that lag, TTL that is late,
streams, and a meter of write units. What it does not know it refuses with Unsupported.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tests.simulated.dynamodb.expressions import expressions
from tests.simulated.dynamodb.meter import Meter
from tests.simulated.dynamodb.query import query
from tests.simulated.dynamodb.schema import Schema
from tests.simulated.dynamodb.table import Table
from tests.simulated.dynamodb.transactions import Transaction, Transactions
from tests.simulated.dynamodb.writes import Action, prepare
from tests.simulated.lags import Lags
from tests.simulated.refusals import Refusal, Unsupported, invalid, only
from tests.simulated.time import Time, instant

type Parameters = Mapping[str, Any]
type Answer = dict[str, Any]

READ = frozenset(
    {"Key", "Keys", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"}
)
MOST_KEYS = 100


class DynamoDB:
    """All tables of a simulated world."""

    def __init__(self, time: Time, lags: Lags) -> None:
        self.tables: dict[str, Table] = {}
        self.meter = Meter()
        self.transactions = Transactions(self._table, time, self.meter)
        self._time = time
        self._made = instant(time.now)
        self._lags = lags
        self._settled = -1
        self._operations: dict[str, Callable[[Parameters], Answer]] = {
            "GetItem": self._get,
            "PutItem": lambda parameters: self._write("Put", parameters),
            "UpdateItem": lambda parameters: self._write("Update", parameters),
            "DeleteItem": lambda parameters: self._write("Delete", parameters),
            "Query": self._query,
            "BatchGetItem": self._batch_get,
            "TransactWriteItems": lambda parameters: self.commit(self.begin(parameters)),
            "TransactGetItems": self.transactions.get,
            "CreateTable": self._create,
            "DescribeTable": self._describe,
        }

    def call(self, operation: str, parameters: Parameters) -> Answer:
        """One call. Raises Refusal as AWS refuses, and Unsupported for what is not simulated."""
        if operation not in self._operations:
            raise Unsupported(f"The simulated DynamoDB has no {operation}.")
        self.settle()
        return self._operations[operation](parameters)

    def create(self, schema: Schema) -> Table:
        """Make a table; it is there at once."""
        table = self.tables[schema.name] = Table(schema, self._time, self._lags, self.meter)
        return table

    def begin(self, parameters: Parameters) -> Transaction:
        """Prepare a TransactWriteItems: its items are taken until it commits."""
        self.settle()
        return self.transactions.prepare(parameters)

    def commit(self, transaction: Transaction) -> Answer:
        """Make the changes of a prepared transaction."""
        return self.transactions.commit(transaction)

    def settle(self) -> None:
        """Let what time brings happen: index entries arrive, expired items go."""
        if self._settled != self._time.now:
            self._settled = self._time.now
            for table in self.tables.values():
                table.settle()

    def _table(self, name: Any) -> Table:
        if name not in self.tables:
            raise Refusal("ResourceNotFoundException", "Requested resource not found")
        return self.tables[name]

    def _create(self, parameters: Parameters) -> Answer:
        name = parameters["TableName"]
        if name in self.tables:
            raise Refusal("ResourceInUseException", f"Table already exists: {name}")
        self.create(Schema.of(name, parameters))
        return {"TableDescription": {"TableName": name, "TableStatus": "ACTIVE"}}

    def _describe(self, parameters: Parameters) -> Answer:
        only(parameters, "DescribeTable", frozenset({"TableName"}))
        stream = self._table(parameters["TableName"]).stream
        streamed = {} if stream is None else {"LatestStreamArn": stream.arn}
        made = {"TableName": parameters["TableName"], "CreationDateTime": self._made}
        return {"Table": {**made, **streamed}}

    def _get(self, parameters: Parameters) -> Answer:
        only(parameters, "GetItem", READ - {"Keys"} | {"TableName"})
        return self._read(self._table(parameters["TableName"]), parameters, parameters["Key"])

    def _read(self, table: Table, parameters: Parameters, key: Any) -> Answer:
        bound = expressions(parameters)
        is_consistent = parameters.get("ConsistentRead", False)
        version = table.read(table.schema.key(key), consistent=is_consistent)
        self.meter.read(version.size if version else 0, consistent=is_consistent)
        return {} if version is None else {"Item": bound.projected(version.item)}

    def _write(self, action: Action, parameters: Parameters) -> Answer:
        table = self._table(parameters["TableName"])
        write = prepare(action, table, parameters)
        if write.key in table.taken:
            raise Refusal("TransactionConflictException", "Transaction is ongoing for the item")
        change = write.decide()
        assert change is not None
        if change.before is not None or change.after is not None:
            table.apply(change)
        return write.answer(change)

    def _query(self, parameters: Parameters) -> Answer:
        return query(self._table(parameters["TableName"]), self.meter, parameters)

    def _batch_get(self, parameters: Parameters) -> Answer:
        only(parameters, "BatchGetItem", frozenset({"RequestItems"}))
        wanted = parameters["RequestItems"]
        if sum(len(request["Keys"]) for request in wanted.values()) > MOST_KEYS:
            raise invalid("Too many items requested for the BatchGetItem call")
        responses: dict[str, list[Any]] = {}
        left: dict[str, Any] = {}
        for name, request in wanted.items():
            only(request, "BatchGetItem", READ - {"Key"})
            table = self._table(name)
            keys = [table.schema.key(key) for key in request["Keys"]]
            if len(set(keys)) != len(keys):
                raise invalid("Provided list of item keys contains duplicates")
            unread = [key for key in request["Keys"] if self._lags.leaves()]
            read = [key for key in request["Keys"] if key not in unread]
            answers = [self._read(table, request, key) for key in read]
            responses[name] = [answer["Item"] for answer in answers if answer]
            if unread:
                left[name] = {**request, "Keys": unread}
        return {"Responses": responses, "UnprocessedKeys": left}
