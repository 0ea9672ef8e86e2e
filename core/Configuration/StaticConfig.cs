using Tributary.Model;

namespace Tributary.Configuration;

/// <summary>Targets that share labels.</summary>
/// <param name="Targets">Addresses, <c>host</c> or <c>host:port</c>.</param>
/// <param name="Labels">Labels of all of them; those that begin with <c>__</c> steer the scrape.</param>
public sealed record StaticConfig(IReadOnlyList<string> Targets, LabelSet Labels);
