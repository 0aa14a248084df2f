"""sums on record: a batch keeps the SHA-256 of its published SHA256SUMS; of older ones that is not known"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sums_sha256", sa.String(length=64), nullable=False, server_default=""))
