using Tributary.Model;
using Tributary.PromQL.Notation;

namespace Tributary.Rules.Testing;

/// <summary>A file of unit tests of rules.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/</remarks>
internal sealed record RuleTestFile
{
    /// <summary>The rule files, with wildcards, as paths of this process.</summary>
    public IReadOnlyList<string> RuleFiles { get; init; } = [];

    /// <summary>How often all groups are evaluated.</summary>
    public TimeSpan EvaluationInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Groups in the order in which they are evaluated; all others are as the first.</summary>
    public IReadOnlyList<string> GroupOrder { get; init; } = [];

    /// <summary>Whether neighbouring floats count as equal.</summary>
    public bool IsFuzzy { get; init; }

    /// <summary>The tests.</summary>
    public IReadOnlyList<RuleTest> Tests { get; init; } = [];
}

/// <summary>One test: series, and what rules and queries make of them.</summary>
internal sealed record RuleTest
{
    /// <summary>Its name; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>The time between two values of a series.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>When it begins, milliseconds since the epoch.</summary>
    public long StartMs { get; init; }

    /// <summary>The series.</summary>
    public IReadOnlyList<SeriesNotation> Series { get; init; } = [];

    /// <summary>Which alerts fire when.</summary>
    public IReadOnlyList<AlertTest> Alerts { get; init; } = [];

    /// <summary>What queries give when.</summary>
    public IReadOnlyList<QueryTest> Queries { get; init; } = [];

    /// <summary>For templates.</summary>
    public LabelSet ExternalLabels { get; init; } = LabelSet.Empty;

    /// <summary>For templates.</summary>
    public string ExternalUrl { get; init; } = "";

    /// <summary>The last time that something is expected at.</summary>
    public TimeSpan End =>
        Alerts.Select(test => test.At).Concat(Queries.Select(test => test.At)).DefaultIfEmpty().Max();
}

/// <summary>The alerts of one name that fire at a time.</summary>
/// <param name="At">The time, from the beginning of the test.</param>
/// <param name="Name">Their name.</param>
/// <param name="Expected">They, in any order.</param>
internal sealed record AlertTest(TimeSpan At, string Name, IReadOnlyList<AlertNotation> Expected);

/// <summary>What a query gives at a time.</summary>
/// <param name="At">The time, from the beginning of the test.</param>
/// <param name="Query">The query.</param>
/// <param name="Expected">The samples, in any order.</param>
internal sealed record QueryTest(TimeSpan At, string Query, IReadOnlyList<SampleNotation> Expected);

/// <summary>A sample as a test expects it.</summary>
/// <param name="Labels">The series, as written.</param>
/// <param name="Value">The float.</param>
/// <param name="Histogram">The histogram, as written; empty for a float.</param>
internal sealed record SampleNotation(string Labels, double Value, string Histogram);
