//! How long customers wait and conversations take.

use super::Client;
use crate::domain::{Report, ReportBy, ReportRange, ReportRow, StoreError};

impl Client {
    /// A report of the messages and resolutions of a range of days. Blocks: it reads every message.
    pub(crate) fn report(&self, by: ReportBy, range: ReportRange) -> Result<Vec<ReportRow>, StoreError> {
        let facts = self.store().report_facts()?;
        let mut report = Report::new(by, range, facts.agents);
        let (mut messages, mut resolutions) = (facts.messages.as_slice(), facts.resolutions.as_slice());
        for of in &facts.conversations {
            let own = messages.partition_point(|message| message.conversation <= of.id);
            let resolved = resolutions.partition_point(|resolution| resolution.conversation <= of.id);
            let (own, later_messages) = messages.split_at(own);
            let (resolved, later_resolutions) = resolutions.split_at(resolved);
            report.add(of, own, resolved);
            (messages, resolutions) = (later_messages, later_resolutions);
        }
        Ok(report.rows())
    }
}
