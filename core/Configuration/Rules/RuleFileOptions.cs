using Tributary.Configuration.Relabel;
using Tributary.PromQL.Syntax;

namespace Tributary.Configuration.Rules;

/// <summary>What holds for all rule files of a configuration.</summary>
public sealed record RuleFileOptions
{
    /// <summary>How often groups are evaluated that do not say so: <c>global.evaluation_interval</c>.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The <c>query_offset</c> of groups that say nothing: <c>global.rule_query_offset</c>.</summary>
    public TimeSpan QueryOffset { get; init; }

    /// <summary>Which names metrics and labels may have.</summary>
    public NameValidationScheme NameValidation { get; init; } = NameValidationScheme.Utf8;

    /// <summary>Which experimental parts of the query language are on.</summary>
    public ParserOptions Syntax { get; init; } = ParserOptions.Stable;

    /// <summary>Whether fields that are not known are passed over.</summary>
    public bool IgnoresUnknownFields { get; init; }
}
