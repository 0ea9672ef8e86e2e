using Tributary.Patterns;
using Tributary.PromQL.Evaluation;

namespace Tributary.Rules.Testing;

/// <summary>How tests of rules are run.</summary>
internal sealed record RuleTestOptions
{
    /// <summary>What queries may use, and which experimental features are on.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>Only tests of whose names one of them matches a part; none is all tests.</summary>
    public IReadOnlyList<PatternSearch> Run { get; init; } = [];

    /// <summary>Whether alerts that differ are shown line by line.</summary>
    public bool ShowsDiff { get; init; }

    /// <summary>Whether fields of rule files that are not known are passed over.</summary>
    public bool IgnoresUnknownFields { get; init; }

    /// <summary>Gets what happens, and all samples behind each test; null for nobody.</summary>
    public Func<string, Task>? Debug { get; init; }
}
