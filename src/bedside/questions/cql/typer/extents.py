"""The least and the greatest value of each ordered type (CQL 1.5, 09-b, "Minimum" and "Maximum")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bedside.questions.cql.types import DATE, DATETIME, DECIMAL, INTEGER, LONG, QUANTITY, TIME, DataType
from bedside.questions.cql.values import Long
from bedside.questions.values import Date, DateTime, Quantity, Time

_GREATEST = Decimal("99999999999999999999.99999999")

EXTENTS: dict[DataType, tuple[Any, Any]] = {
    INTEGER: (-(2**31), 2**31 - 1),
    LONG: (Long(-(2**63)), Long(2**63 - 1)),
    DECIMAL: (-_GREATEST, _GREATEST),
    QUANTITY: (Quantity(-_GREATEST, "1"), Quantity(_GREATEST, "1")),
    DATE: (Date.parse("0001-01-01"), Date.parse("9999-12-31")),
    DATETIME: (DateTime.parse("0001-01-01T00:00:00.000"), DateTime.parse("9999-12-31T23:59:59.999")),
    TIME: (Time.parse("00:00:00.000"), Time.parse("23:59:59.999")),
}
