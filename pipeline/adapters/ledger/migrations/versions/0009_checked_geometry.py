"""checked geometry: a piece keeps what it was checked against; of older ones that is not known"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pieces", schema=None) as batch_op:
        batch_op.add_column(sa.Column("geometry", sa.String(length=64), nullable=False, server_default=""))
