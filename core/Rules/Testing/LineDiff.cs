using System.Text;

namespace Tributary.Rules.Testing;

/// <summary>Two texts line by line: what only the first has with a minus, what only the second has with a plus.</summary>
internal static class LineDiff
{
    /// <summary>Longer texts are printed one behind the other.</summary>
    private const int MaxLines = 2_000;

    /// <summary>The lines of both.</summary>
    public static string Of(string expected, string actual, string indent)
    {
        var (left, right) = (expected.Split('\n'), actual.Split('\n'));
        var output = new StringBuilder();
        var (i, j) = (0, 0);
        var common = left.Length <= MaxLines && right.Length <= MaxLines ? CommonLengths(left, right) : null;
        while (i < left.Length || j < right.Length)
        {
            var isCommon = common is not null && i < left.Length && j < right.Length && left[i] == right[j];
            var isLeft =
                i < left.Length && (common is null || j == right.Length || common[i + 1, j] >= common[i, j + 1]);
            var line =
                isCommon ? "  " + left[i]
                : isLeft ? "- " + left[i]
                : "+ " + right[j];
            i += isCommon || isLeft ? 1 : 0;
            j += isCommon || !isLeft ? 1 : 0;
            output.Append('\n').Append(indent).Append(line);
        }
        return output.ToString();
    }

    /// <summary>How many lines the rests have in common, from each pair of places.</summary>
    private static int[,] CommonLengths(string[] left, string[] right)
    {
        var lengths = new int[left.Length + 1, right.Length + 1];
        for (var i = left.Length - 1; i >= 0; i--)
        {
            for (var j = right.Length - 1; j >= 0; j--)
            {
                lengths[i, j] =
                    left[i] == right[j] ? lengths[i + 1, j + 1] + 1 : Math.Max(lengths[i + 1, j], lengths[i, j + 1]);
            }
        }
        return lengths;
    }
}
