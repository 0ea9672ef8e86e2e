namespace Tributary.Functions.CommandLine;

/// <summary>What <c>tributary query</c> is asked for; texts as typed, null when not given.</summary>
/// <param name="Verb">One of the constants.</param>
/// <param name="Texts">The query, or the selectors.</param>
internal sealed record QueryRequest(string Verb, IReadOnlyList<string> Texts)
{
    public const string Instant = "instant";
    public const string Range = "range";
    public const string Series = "series";
    public const string Labels = "labels";

    /// <summary>The server to ask; null to read the store.</summary>
    public string? Server { get; init; }

    /// <summary>The time of an instant query.</summary>
    public string? Time { get; init; }

    /// <summary>The beginning of a range.</summary>
    public string? Start { get; init; }

    /// <summary>The end of a range.</summary>
    public string? End { get; init; }

    /// <summary>From step to step.</summary>
    public string? Step { get; init; }

    /// <summary>The label whose values are wanted.</summary>
    public string? Label { get; init; }

    /// <summary>The most series or texts.</summary>
    public int Limit { get; init; }

    /// <summary>Whether the answer is to be JSON, as the API has it.</summary>
    public bool IsJson { get; init; }

    /// <summary>Whether a range is to be drawn.</summary>
    public bool IsPlot { get; init; }
}
