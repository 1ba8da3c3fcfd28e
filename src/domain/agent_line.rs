//! The line with the agent's name on top of a message, where the configuration wants it.

use super::Channel;

/// The line as customers read it, bold where the channel has that; `None` without a name.
pub(crate) fn agent_line(agent: &str, channel: Channel) -> Option<String> {
    // A name that holds the sign of bold text would end it.
    let name: String = agent.chars().filter(|c| !c.is_control() && *c != '*').collect();
    let mark = if channel == Channel::WhatsApp { "*" } else { "" };
    (!name.trim().is_empty()).then(|| format!("{mark}{}{mark}", name.trim()))
}

/// What an agent wrote of a text that may have the line on top.
pub(crate) fn without_agent_line<'t>(text: &'t str, agent: &str, channel: Channel) -> &'t str {
    let line = agent_line(agent, channel);
    line.and_then(|line| text.strip_prefix(line.as_str())?.strip_prefix('\n')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_taken_off_only_where_it_stands() {
        let text = |text| without_agent_line(text, "Sa*ri", Channel::WhatsApp);
        assert_eq!(text("*Sari*\nHalo"), "Halo");
        assert_eq!(text("*Sari* halo"), "*Sari* halo");
        assert_eq!(text("Sari\nHalo"), "Sari\nHalo");
        assert_eq!(without_agent_line("Sari\nHalo", "Sari", Channel::Telegram), "Halo");
        assert_eq!(without_agent_line("Halo", " ", Channel::Telegram), "Halo");
    }
}
