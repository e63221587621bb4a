"""What comes back: the answer of one patient, and the answers of many as a stream and as a data frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from bedside.ask.errors import MissingPackage
from bedside.ask.values import simple
from bedside.questions.cql.types import QUANTITY, DataType, NamedType
from bedside.questions.errors import QuestionError
from bedside.questions.values import Quantity

if TYPE_CHECKING:
    import pandas
    import polars

Progress = Callable[[int, int | None], None]
"""Called with how many patients are done, and how many there are, where that is known."""


class Said(NamedTuple):
    """What `Message` said during an evaluation."""

    severity: str
    code: str
    text: str


class Answer(Mapping[str, Any]):
    """The values of definitions, by name, for one subject: `answer["Poorly controlled"]`.

    `subject` is `Patient/123`, None for a question about everybody's data; `said` what `Message` told. `error` is
    there, and the values are not, when the question failed on this patient's data and such patients are kept.
    """

    def __init__(
        self,
        subject: str | None,
        values: Mapping[str, Any],
        said: tuple[Said, ...] = (),
        error: QuestionError | None = None,
    ) -> None:
        self.subject = subject
        self.said = said
        self.error = error
        self._values = dict(values)

    @property
    def patient(self) -> str | None:
        """The id of the subject, without its type."""
        return None if self.subject is None else self.subject.partition("/")[2]

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Answer of {self.subject or 'everybody'}: {', '.join(self._values) or 'failed'}>"


@dataclass(frozen=True, slots=True)
class Column:
    """A definition as a column of a frame; a quantity has a second one for its unit."""

    name: str
    type: DataType

    @property
    def has_unit(self) -> bool:
        return self.type == QUANTITY or (isinstance(self.type, NamedType) and self.type.name == "Quantity")

    @property
    def unit_name(self) -> str:
        return f"{self.name} unit"


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of many patients, worked out while they are read: nothing of a patient is kept for the next.

        for answer in record.ask_all("diabetes.cql"):
            print(answer.patient, answer["Last HbA1c"])

    Going over them again asks again. All of one pass is read from one state of the record.
    """

    columns: tuple[Column, ...]
    _ask: Callable[[], Iterator[Answer]] = field(repr=False)

    def __iter__(self) -> Iterator[Answer]:
        return self._ask()

    def where(self, define: str) -> Iterator[str]:
        """The ids of those for whom a definition is true, as they are found."""
        self._known(define)
        return (each.patient for each in self if each.get(define) is True and each.patient is not None)

    def count(self, define: str) -> int:
        """For how many a definition is true."""
        return sum(1 for _ in self.where(define))

    def rows(self, *, exact: bool = False) -> list[dict[str, Any]]:
        """One dict a patient, with `patient` and a key a definition; a quantity has its unit under `<define> unit`.

        Values are in the shapes that frames like (`bedside.simple`), or with `exact` as they are.
        """
        return list(self._rows(exact=exact))

    def _rows(self, *, exact: bool) -> Iterator[dict[str, Any]]:
        for each in self:
            row: dict[str, Any] = {"patient": each.patient}
            for column in self.columns:
                value = each.get(column.name)
                row[column.name] = value if exact else simple(value)
                if column.has_unit and not exact:
                    row[column.unit_name] = value.unit if isinstance(value, Quantity) else None
            yield row

    def to_pandas(self, *, exact: bool = False) -> pandas.DataFrame:
        """A pandas frame, one row a patient and a column a definition. Raises MissingPackage without pandas."""
        try:
            import pandas
        except ImportError:
            raise _missing("pandas") from None
        return pandas.DataFrame(self.rows(exact=exact), columns=self.names(exact=exact))

    def to_polars(self, *, exact: bool = False) -> polars.DataFrame:
        """A polars frame, one row a patient and a column a definition. Raises MissingPackage without polars."""
        try:
            import polars
        except ImportError:
            raise _missing("polars") from None
        rows, names = self.rows(exact=exact), self.names(exact=exact)
        series = []
        for name in names:
            values = [row[name] for row in rows]
            series.append(polars.Series(name, values, dtype=polars.Object if exact else None, strict=False))
        return polars.DataFrame(series)

    def names(self, *, exact: bool = False) -> list[str]:
        """The names of the columns of a frame."""
        found = ["patient"]
        for column in self.columns:
            found.append(column.name)
            if column.has_unit and not exact:
                found.append(column.unit_name)
        return found

    def _known(self, define: str) -> None:
        if define not in (column.name for column in self.columns):
            raise KeyError(f"{define!r} was not asked for; asked were {', '.join(c.name for c in self.columns)}")


def _missing(name: str) -> MissingPackage:
    return MissingPackage(
        f"A frame of {name} needs the package {name}, which is not installed: install it, or use rows()."
    )


__all__ = ["Answer", "Answers", "Column", "Progress", "Said"]
