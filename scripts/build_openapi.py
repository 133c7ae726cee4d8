"""Write docs/openapi.json: the API of this deployment, its applications included.

    make openapi

It is made from the routes themselves; nothing is asked of AWS. Two runs write the same bytes.
"""

import json
import os
from pathlib import Path
from unittest.mock import patch

DOCUMENT = Path(__file__).parents[1] / "docs" / "openapi.json"
# Routes are made for a deployment; which one is of no matter to what they say of themselves.
ENVIRONMENT = {
    "WINDROW_TABLE": "tasks",
    "WINDROW_BUCKET": "bucket",
    "WINDROW_QUEUE_DEFAULT": "https://sqs/default",
    "APPLICATION_TABLE": "application",
}


def text() -> str:
    """The document as the file has it."""
    with patch.dict(os.environ, ENVIRONMENT):
        from tasks import registry
        from tasks.routes import routers
        from windrow import wiring
        from windrow.api.app import create_app
        from windrow.telemetry.port import Lines

        engine = wiring.engine(registry, Lines())
        document = create_app(engine, routers(engine)).openapi()
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    DOCUMENT.write_text(text(), encoding="utf-8")
    print(f"wrote {DOCUMENT.name}")


if __name__ == "__main__":
    main()
