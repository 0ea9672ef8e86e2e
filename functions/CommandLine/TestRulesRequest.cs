namespace Tributary.Functions.CommandLine;

/// <summary>What <c>tributary test rules</c> is asked for.</summary>
/// <param name="Files">The files of tests.</param>
internal sealed record TestRulesRequest(IReadOnlyList<string> Files)
{
    /// <summary>Patterns of the names of tests that are run; none is all.</summary>
    public IReadOnlyList<string> Run { get; init; } = [];

    /// <summary>Whether alerts that differ are shown line by line.</summary>
    public bool ShowsDiff { get; init; }

    /// <summary>Whether what happens is printed, and all samples.</summary>
    public bool IsDebug { get; init; }

    /// <summary>Whether fields of rule files that are not known are passed over.</summary>
    public bool IgnoresUnknownFields { get; init; }

    /// <summary>Where results go as JUnit XML.</summary>
    public string? JUnit { get; init; }

    /// <summary>Experimental features that are switched on, with commas between them.</summary>
    public string? Features { get; init; }
}
