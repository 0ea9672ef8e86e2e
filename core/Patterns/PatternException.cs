namespace Tributary.Patterns;

/// <summary>A regular expression that RE2 refuses; the message is worded as Prometheus words it.</summary>
public sealed class PatternException : Exception
{
    private const int MaxFragmentLength = 1000;

    internal PatternException(string problem, string fragment, int position)
        : base($"error parsing regexp: {problem}: `{Shorten(fragment)}`")
    {
        Problem = problem;
        Position = position;
    }

    /// <summary>What is wrong, without the text it is about: <c>missing closing )</c>.</summary>
    public string Problem { get; }

    /// <summary>Where in the pattern the refused text begins, in UTF-16 units from 0.</summary>
    public int Position { get; }

    private static string Shorten(string text) =>
        text.Length <= MaxFragmentLength ? text : string.Concat(text.AsSpan(0, MaxFragmentLength), "…");
}
