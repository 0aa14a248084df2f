"""letters of a print stream that are not all alike, the pages that are left out, and the index beside a file"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letters",
        sa.Column("intake", sa.String(length=64), nullable=False),
        sa.Column("first_page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_page", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("orders", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["intake"], ["intakes.id"], name=op.f("fk_letters_intake")),
        sa.PrimaryKeyConstraint("intake", "first_page", name=op.f("pk_letters")),
    )
    op.create_table(
        "left_out_pages",
        sa.Column("intake", sa.String(length=64), nullable=False),
        sa.Column("page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["intake"], ["intakes.id"], name=op.f("fk_left_out_pages_intake")),
        sa.PrimaryKeyConstraint("intake", "page", name=op.f("pk_left_out_pages")),
    )
    with op.batch_alter_table("intakes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("has_index", sa.Integer(), nullable=False, server_default="0"))
