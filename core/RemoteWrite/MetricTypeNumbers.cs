namespace Tributary.RemoteWrite;

/// <summary>The types of metric families as both messages number them.</summary>
internal static class MetricTypeNumbers
{
    private static readonly string[] Names =
    [
        "unknown",
        "counter",
        "gauge",
        "histogram",
        "gaugehistogram",
        "summary",
        "info",
        "stateset",
    ];

    /// <summary>The number of a type; 0, which is unknown, for one that has none.</summary>
    public static ulong NumberOf(string type) => (ulong)Math.Max(0, Array.IndexOf(Names, type));

    /// <summary>The type of a number; <c>unknown</c> for one that has none.</summary>
    public static string NameOf(ulong number) => number < (ulong)Names.Length ? Names[number] : Names[0];
}
