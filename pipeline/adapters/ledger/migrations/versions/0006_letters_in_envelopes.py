"""letters in envelopes: sheets by page range, letterheads, notes, letters that are joined or divided"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pieces", schema=None) as batch_op:
        batch_op.add_column(sa.Column("job", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("layout", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("recipient", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("letterhead", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("part", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("parts", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("address_page", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("letters", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("notes", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("joined_to", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_pieces_joined_to"), ["joined_to"], unique=False)
    op.execute("INSERT INTO counters (name, value) VALUES ('joined', 0)")
