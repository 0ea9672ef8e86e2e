using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Evaluation;

/// <summary>Which functions take <c>anchored</c> and <c>smoothed</c> ranges.</summary>
internal static class RangeExtensions
{
    private static readonly string[] Anchored = ["changes", "delta", "increase", "rate", "resets"];
    private static readonly string[] Smoothed = ["delta", "increase", "rate"];

    /// <summary>Ends the query when a function does not take a range.</summary>
    /// <exception cref="QueryException">It does not.</exception>
    public static void Check(RangeExtension extension, string function)
    {
        var (word, safe) = extension switch
        {
            RangeExtension.Anchored => ("anchored", Anchored),
            RangeExtension.Smoothed => ("smoothed", Smoothed),
            _ => ("", [function]),
        };
        if (!safe.Contains(function, StringComparer.Ordinal))
        {
            throw QueryException.Execution(
                $"{word} modifier can only be used with: {string.Join(", ", safe)} - not with {function}"
            );
        }
    }
}
