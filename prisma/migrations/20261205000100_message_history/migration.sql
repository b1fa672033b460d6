-- Messages of one person that are over: rows of the ledger with a step, which those of plain schedules do not have.
CREATE INDEX "delivery_message_rid" ON "delivery"("rid") WHERE "step" <> '';
