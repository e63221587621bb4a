"""Reading the filters of an expression constraint, `{{ ... }}`, and its history supplements (ECL 2.2, 6.8 to 6.12)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Literal, NoReturn, TypeVar

from bedside.terms.ecl.errors import EclError, EclUnsupported
from bedside.terms.ecl.lexer import Token
from bedside.terms.ecl.syntax import Concept, Dialect, Expression, Filter, History, Search, Sub, Test
from bedside.terms.snomed import ACCEPTABLE, ALIASES, DEFINED_STATUS, PREFERRED, PRIMITIVE_STATUS, TYPES

T = TypeVar("T")

_HOW = {"prefer": "P", "preferred": "P", PREFERRED: "P", "accept": "A", "acceptable": "A", ACCEPTABLE: "A"}
_STATUS = {"defined": DEFINED_STATUS, "primitive": PRIMITIVE_STATUS}
_TIMES = ("=", "!=", "<", "<=", ">", ">=")


class FilterParser:
    """The part of the parser that reads what is in double braces."""

    @property
    def token(self) -> Token:
        raise NotImplementedError

    @property
    def after(self) -> Token:
        raise NotImplementedError

    def take(self) -> Token:
        raise NotImplementedError

    def at_symbol(self, *texts: str) -> bool:
        raise NotImplementedError

    def at_word(self, *texts: str) -> bool:
        raise NotImplementedError

    def accept(self, text: str) -> bool:
        raise NotImplementedError

    def expect(self, text: str) -> None:
        raise NotImplementedError

    def fail(self, what: str) -> NoReturn:
        raise NotImplementedError

    def attempt(self, read: Callable[[], T]) -> T | EclError:
        raise NotImplementedError

    def expression(self) -> Expression:
        raise NotImplementedError

    def concept(self) -> Concept:
        raise NotImplementedError

    def sub(self) -> Sub:
        raise NotImplementedError

    def filters(self, member: bool) -> tuple[tuple[Filter, ...], History | None]:
        """Everything in double braces behind a focus."""
        found: list[Filter] = []
        history = None
        while self.at_symbol("{{"):
            start = self.take().at
            if history is not None:
                raise EclError("nothing comes behind a history supplement", start)
            if self.accept("+"):
                history = self._history(start)
            else:
                found.append(self._filter(start, member))
            self.expect("}}")
        return tuple(found), history

    def _history(self, start: int) -> History:
        word = self.take()
        text = word.text.upper().replace("_", "-")
        if word.kind != "word" or not text.startswith("HISTORY"):
            raise EclError("expected HISTORY", word.at)
        profile = text.removeprefix("HISTORY").removeprefix("-") or "MAX"
        refsets = None
        if text == "HISTORY" and self.accept("("):
            refsets = self.expression()
            self.expect(")")
        if profile not in ("MIN", "MOD", "MAX"):
            raise EclError(f"there is no history profile {profile}: MIN, MOD and MAX are", word.at)
        return History(profile, refsets, start)  # type: ignore[arg-type]

    def _filter(self, start: int, member: bool) -> Filter:
        kind: Literal["D", "C", "M"] = "D"
        if self.at_word("D", "C", "M"):
            kind = self.take().text.upper()  # type: ignore[assignment]
        if kind == "M" and not member:
            raise EclError("a filter of members (M) stands behind a reference set (^)", start)
        tests = [self._test(kind)]
        while self.accept(","):
            tests.append(self._test(kind))
        return Filter(kind, tuple(tests), start)

    def _test(self, kind: str) -> Test:
        name = self.take()
        if name.kind != "word":
            raise EclError("expected what to filter by", name.at)
        operator = self.take()
        if operator.kind != "symbol" or operator.text not in _TIMES:
            raise EclError("expected a comparison", operator.at)
        word = name.text
        readers = {"D": self._of_descriptions, "C": self._of_concepts, "M": self._of_members}
        value = readers[kind](word.lower(), name.at)
        if operator.text not in ("=", "!=") and not isinstance(value, Decimal) and word.lower() != "effectivetime":
            raise EclError(f"{word} is compared by = and != only", operator.at)
        return Test(word if kind == "M" else word.lower(), operator.text, value, name.at)

    def _of_descriptions(self, name: str, at: int) -> tuple[str, ...] | tuple[Dialect, ...] | Search | Sub | bool:
        match name:
            case "term":
                return self.search()
            case "language":
                return self._words("a language such as en")
            case "type":
                return tuple(self._named(word, TYPES, at) for word in self._words("a type of description"))
            case "dialect":
                return self._dialects(self._alias)
            case "dialectid":
                return self._dialects(lambda: self.concept().code)
            case "typeid" | "moduleid":
                return self._concepts()
            case "effectivetime":
                return self._times()
            case "active":
                if not self._truth():
                    raise EclUnsupported("inactive descriptions are not kept here", at)
                return True
            case "id":
                raise EclUnsupported("descriptions are not found by their identifiers here", at)
        raise EclError(f"descriptions are not filtered by {name}", at)

    def _of_concepts(self, name: str, at: int) -> tuple[str, ...] | Sub | bool:
        match name:
            case "definitionstatus":
                return tuple(self._named(word, _STATUS, at) for word in self._words("defined or primitive"))
            case "definitionstatusid" | "moduleid":
                return self._concepts()
            case "effectivetime":
                return self._times()
            case "active":
                return self._truth()
        raise EclError(f"concepts are not filtered by {name}", at)

    def _of_members(self, name: str, at: int) -> tuple[str, ...] | Search | Sub | Decimal | bool:
        match name:
            case "moduleid":
                return self._concepts()
            case "effectivetime":
                return self._times()
            case "active":
                if not self._truth():
                    raise EclUnsupported("inactive members of reference sets are not kept here", at)
                return True
        if self.token.kind == "number":
            return Decimal(self.take().text[1:])
        if self.at_word("TRUE", "FALSE"):
            return self._truth()
        return self.search() if self.at_search() else self._concepts()

    # --- values

    def at_search(self) -> bool:
        """Whether search terms follow, and no concepts."""
        if self.token.kind == "text" or self.at_word("MATCH", "WILD"):
            return True
        return self.at_symbol("(") and (self.after.kind == "text" or self.after.text.lower() in ("match", "wild"))

    def search(self) -> Search:
        """typedSearchTerm, or several in brackets."""
        found: list[tuple[Literal["match", "wild"], str]] = []
        if self.accept("("):
            while not self.accept(")"):
                found.append(self._search_term())
            if not found:
                self.fail("expected a search term")
        else:
            found.append(self._search_term())
        return Search(tuple(found))

    def _search_term(self) -> tuple[Literal["match", "wild"], str]:
        how: Literal["match", "wild"] = "match"
        if self.at_word("MATCH", "WILD"):
            how = self.take().text.lower()  # type: ignore[assignment]
            self.expect(":")
        if self.token.kind != "text":
            self.fail("expected a text in double quotes")
        token = self.take()
        text = _unescaped(token.text[1:-1])
        if not text.strip():
            raise EclError("a search term is empty", token.at)
        return how, text

    def _words(self, what: str) -> tuple[str, ...]:
        found = []
        if self.accept("("):
            while not self.accept(")"):
                found.append(self._word(what))
            if not found:
                self.fail(f"expected {what}")
        else:
            found.append(self._word(what))
        return tuple(found)

    def _word(self, what: str) -> str:
        if self.token.kind != "word":
            self.fail(f"expected {what}")
        return self.take().text.lower()

    def _named(self, word: str, known: dict[str, str], at: int) -> str:
        if word not in known:
            raise EclError(f"{word} is none of {', '.join(known)}", at)
        return known[word]

    def _times(self) -> tuple[str, ...]:
        found: list[str] = []
        several = self.accept("(")
        while not found or several:
            if several and found and self.accept(")"):
                break
            if self.token.kind != "text":
                self.fail('expected a day such as "20240301"')
            token = self.take()
            day = token.text[1:-1]
            if day and not (day.isdecimal() and len(day) == 8):
                raise EclError(f"{day!r} is no day (YYYYMMDD)", token.at)
            found.append(day)
        return tuple(found)

    def _truth(self) -> bool:
        token = self.take()
        if token.text.lower() in ("1", "true"):
            return True
        if token.text.lower() in ("0", "false"):
            return False
        raise EclError("expected 1, 0, true or false", token.at)

    def _concepts(self) -> Sub | tuple[str, ...]:
        """An expression, or several concepts in brackets that nothing stands between."""
        if self.at_symbol("("):
            found = self.attempt(self._several)
            if not isinstance(found, EclError):
                return found
        return self.sub()

    def _several(self) -> tuple[str, ...]:
        self.expect("(")
        found = [self.concept().code, self.concept().code]
        while not self.accept(")"):
            found.append(self.concept().code)
        return tuple(found)

    def _dialects(self, one: Callable[[], str]) -> tuple[Dialect, ...]:
        found: list[Dialect] = []
        if self.accept("("):
            while not self.accept(")"):
                found.append(Dialect(one(), self._how()))
            if not found:
                self.fail("expected a dialect")
        else:
            found.append(Dialect(one(), frozenset()))
        whole = self._how()  # behind the brackets it holds for all that say nothing themselves
        return tuple(each if each.how else Dialect(each.refset, whole) for each in found)

    def _alias(self) -> str:
        token = self.token
        word = self._word("a dialect such as en-gb")
        if word not in ALIASES:
            raise EclError(f"the dialect {word} is not known here; name its reference set by dialectId", token.at)
        return ALIASES[word]

    def _how(self) -> frozenset[str]:
        if not self.accept("("):
            return frozenset()
        found = set()
        while not self.accept(")"):
            at = self.token.at
            word = self.concept().code if self.token.kind == "digits" else self._word("prefer or accept")
            if word not in _HOW:
                raise EclError(f"{word} is none of prefer and accept", at)
            found.add(_HOW[word])
        return frozenset(found)


def _unescaped(text: str) -> str:
    return text.replace('\\"', '"').replace("\\\\", "\\").replace("\\*", "*")
