using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Configuration.Rules;

/// <summary>One rule: it records a series, or alerts; exactly one of <see cref="Record"/> and <see cref="Alert"/> is there.</summary>
public sealed record RuleConfig
{
    /// <summary>The name of the series that are recorded.</summary>
    public string? Record { get; init; }

    /// <summary>The name of the alert.</summary>
    public string? Alert { get; init; }

    /// <summary>The query, parsed.</summary>
    public required Expression Expression { get; init; }

    /// <summary>How long the query must give an alert before it fires.</summary>
    public TimeSpan For { get; init; }

    /// <summary>How long an alert goes on firing when the query gives it no more.</summary>
    public TimeSpan KeepFiringFor { get; init; }

    /// <summary>
    /// Labels that are set or, with an empty value, removed; of an alert they are templates. Sorted by name; those of the
    /// group that the rule does not set itself are among them.
    /// </summary>
    public IReadOnlyList<Label> Labels { get; init; } = [];

    /// <summary>What people are told of an alert, as templates, sorted by name.</summary>
    public IReadOnlyList<Label> Annotations { get; init; } = [];

    /// <summary>Where the rule begins in its file, from 1.</summary>
    public int Line { get; init; }
}
