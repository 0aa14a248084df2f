"""documents of a stack: their plan, acknowledgement, retirement; slices belong to the file, not to a document"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("intakes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retired_ms", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("plan", sa.Text(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("acknowledged_ms", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("slices", schema=None) as batch_op:
        batch_op.drop_index("ix_slices_document")
        batch_op.drop_constraint("fk_slices_document", type_="foreignkey")
        batch_op.drop_column("document")
