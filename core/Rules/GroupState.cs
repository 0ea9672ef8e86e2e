using System.Text;
using Tributary.Configuration.Rules;

namespace Tributary.Rules;

/// <summary>What the next evaluation of a group has to know of the last one. Immutable.</summary>
/// <param name="TickMs">The scheduled time of the last evaluation, milliseconds since the epoch; 0 when there was none.</param>
/// <param name="Rules">What is known of each rule, in the order of the group.</param>
internal sealed record GroupState(long TickMs, IReadOnlyList<RuleState> Rules)
{
    /// <summary>Series of rules that are not there any more; they end at the next evaluation.</summary>
    public IReadOnlyList<RuleSeries> Left { get; init; } = [];

    /// <summary>The state of a group that was never evaluated.</summary>
    public static GroupState New(RuleGroupConfig group) => new(0, [.. group.Rules.Select(_ => RuleState.Empty)]);

    /// <summary>The state for a group that was changed: a rule with the same name and labels goes on.</summary>
    /// <remarks>Of several alike the first takes the state of the first, the second that of the second, and so on.</remarks>
    /// <param name="from">The group that it is the state of.</param>
    /// <param name="to">The group as it is now.</param>
    public GroupState For(RuleGroupConfig from, RuleGroupConfig to)
    {
        var known = new Dictionary<string, Queue<int>>(StringComparer.Ordinal);
        for (var i = 0; i < from.Rules.Count; i++)
        {
            var name = NameOf(from.Rules[i]);
            if (!known.TryGetValue(name, out var positions))
            {
                known.Add(name, positions = []);
            }
            positions.Enqueue(i);
        }
        var rules = new RuleState[to.Rules.Count];
        for (var i = 0; i < rules.Length; i++)
        {
            rules[i] =
                known.TryGetValue(NameOf(to.Rules[i]), out var positions) && positions.TryDequeue(out var position)
                    ? Rules[position]
                    : RuleState.Empty;
        }
        var left = known.Values.SelectMany(positions => positions).SelectMany(position => Rules[position].Series);
        return this with { Rules = rules, Left = [.. Left, .. left] };
    }

    private static string NameOf(RuleConfig rule)
    {
        var text = new StringBuilder(rule.Record is null ? "a " : "r ").Append(rule.Record ?? rule.Alert);
        foreach (var label in rule.Labels)
        {
            text.Append('\0').Append(label.Name).Append('\0').Append(label.Value);
        }
        return text.ToString();
    }
}

/// <summary>What the next evaluation of a rule has to know.</summary>
/// <param name="Series">The series of its last evaluation that had a result.</param>
/// <param name="Alerts">Its alerts, resolved ones included while they are told of.</param>
internal sealed record RuleState(IReadOnlyList<RuleSeries> Series, IReadOnlyList<ActiveAlert> Alerts)
{
    /// <summary>Nothing.</summary>
    public static readonly RuleState Empty = new([], []);
}
