"""What the scan finds in a content stream is what qpdf finds, whatever stands in it, and where it says."""

from __future__ import annotations

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.letters.content_scan import instructions

pytestmark = pytest.mark.integration

OF_TEXT = frozenset(
    b"q Q cm BT Td TD Tm T* Tj TJ ' \" g rg k G RG K cs CS sc scn SC SCN Tr TL BDC BMC EMC".split(),
)  # fmt: skip
PICTURE = b"BI /W 4 /H 2 /BPC 8 /CS /G ID \x00(EI \xff\x00)< EI\n"

blanks = st.sampled_from([b" ", b"\n", b"\r\n", b"  \t", b" % (Kommentar Tj\n", b"\x00 "])
numbers = st.sampled_from([b"0", b"1", b"-3.5", b".25", b"+7", b"12.", b"595.28"])
insides = st.recursive(
    st.sampled_from([b"", b"abc", b"\\)", b"\\(", b"\\\\", b"Tj ET", b"\\\n", b"]>>", b"% 1 g", b"\xe4\x00"]),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: b"(" + b"".join(parts) + b")"),
    max_leaves=6,
)
strings = st.one_of(insides.map(lambda inside: b"(" + inside + b")"), st.sampled_from([b"<>", b"<414 2>", b"<6a4B>"]))
arrays = st.lists(st.one_of(strings, numbers), max_size=4).map(lambda parts: b"[" + b" ".join(parts) + b"]")
properties = st.sampled_from([b"<</MCID 0>>", b"<< /ActualText (x >> Tj) /A << /B [1 (])] >> >>", b"/Props1", b"<<>>"])
names = st.sampled_from([b"/F1", b"/OC", b"/Cs#20x", b"/"])


def instruction(*operands: st.SearchStrategy[bytes] | bytes) -> st.SearchStrategy[bytes]:
    parts = [st.just(each) if isinstance(each, bytes) else each for each in operands]
    return st.tuples(*parts).map(b" ".join)


steps = st.one_of(
    instruction(strings, b"Tj"),
    instruction(arrays, b"TJ"),
    instruction(strings, b"'"),
    instruction(numbers, numbers, strings, b'"'),
    instruction(numbers, numbers, b"Td"),
    instruction(names, properties, b"BDC"),
    instruction(names, b"BMC"),
    instruction(numbers, b"Tr"),
    instruction(names, b"cs"),
    instruction(numbers, names, b"scn"),
    instruction(names, numbers, b"Tf"),
    instruction(arrays, numbers, b"d"),
    instruction(numbers, numbers, numbers, numbers, b"re"),
    st.sampled_from([b"q", b"Q", b"BT", b"ET", b"EMC", b"T*", b"f*", b"W n", b"S", b"/Im0 Do", b"0 g", b"1 1 1 rg"]),
    st.just(PICTURE),
)


@given(st.lists(st.tuples(steps, blanks), max_size=25))
def test_the_scan_finds_what_qpdf_finds_and_where_it_stands(parts: list[tuple[bytes, bytes]]) -> None:
    content = b"".join(step + blank for step, blank in parts)
    pdf = pikepdf.Pdf.new()
    read = pikepdf.parse_content_stream(pdf.make_stream(content))
    wanted = [str(each.operator).encode() for each in read if str(each.operator).encode() in OF_TEXT]
    found = list(instructions(content))
    assert [operator for operator, *_ in found if operator in OF_TEXT] == wanted
    at = 0
    for operator, operands, first, end in found:
        assert content[first:end] == operands + operator and at <= first
        at = end


@given(st.lists(st.tuples(steps, blanks), min_size=1, max_size=12), st.data())
def test_an_instruction_that_is_cut_out_takes_nothing_else_along(
    parts: list[tuple[bytes, bytes]], data: st.DataObject
) -> None:
    content = b"".join(step + blank for step, blank in parts)
    found = list(instructions(content))
    if not found:
        return
    place = data.draw(st.integers(0, len(found) - 1))
    _, _, first, end = found[place]
    pdf = pikepdf.Pdf.new()
    left = pikepdf.parse_content_stream(pdf.make_stream(content[:first] + b"\n" + content[end:]))
    operators = [str(each.operator).encode() for each in left if str(each.operator).encode() in OF_TEXT]
    assert operators == [each[0] for n, each in enumerate(found) if n != place and each[0] in OF_TEXT]


@pytest.mark.parametrize(
    "content", [b"(ohne Ende Tj", b"[1 2 TJ", b"BI /W 1 ID abc", b"<</A 1 BDC", b"1 2 ) Tj", b"q } Q"]
)
def test_what_is_not_written_as_content_is_an_error_and_no_gap(content: bytes) -> None:
    with pytest.raises(ValueError, match="content"):
        list(instructions(content))
