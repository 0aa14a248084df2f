"""special products: letters that an endorsement sends by registered mail have pools and batches of their own"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("pieces", "batches"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("special", sa.String(length=32), nullable=False, server_default=""))
