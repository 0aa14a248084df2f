"""envelopes and papers on record: a batch keeps their profiles as they were, as it keeps its machine's"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("batches", schema=None) as batch_op:
        for column in ("envelope_profile", "paper_profile"):
            batch_op.add_column(sa.Column(column, sa.Text(), nullable=False, server_default=""))
