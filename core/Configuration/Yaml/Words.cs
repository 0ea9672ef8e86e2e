using System.Text;

namespace Tributary.Configuration.Yaml;

/// <summary>Puts text of a file into errors, and finds what a misspelt word meant.</summary>
internal static class Words
{
    private const int MaxShown = 100;

    /// <summary>The text in double quotes, on one line, not endless, and without what may be a secret.</summary>
    public static string Quote(string text) => $"\"{Clean(text)}\"";

    /// <summary>The text on one line, not endless, and without what may be a secret.</summary>
    public static string Clean(string text, int maxShown = MaxShown)
    {
        text = CredentialText.Hide(text);
        var output = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (output.Length >= maxShown)
            {
                return output.Append('…').ToString();
            }
            output.Append(Rune.IsControl(rune) ? "\ufffd" : rune.ToString());
        }
        return output.ToString();
    }

    /// <summary>A key as far as it can be a name; behind a colon without a space, there is often a value.</summary>
    public static string Name(string key)
    {
        var end = key.AsSpan().IndexOfAny(":= \t");
        return end < 0 ? key : key[..end];
    }

    /// <summary>The text with a small first letter, to go on a sentence.</summary>
    public static string StartLower(string text) => text.Length == 0 ? "" : char.ToLowerInvariant(text[0]) + text[1..];

    /// <summary>The candidate that is spelt most like a word, or null where none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        if (word.Length > MaxShown)
        {
            return null;
        }
        var limit = Math.Max(1, word.Length / 3);
        return candidates
            .Select(candidate => (candidate, distance: Distance(word, candidate)))
            .Where(pair => pair.distance <= limit)
            .OrderBy(pair => pair.distance)
            .ThenBy(pair => pair.candidate, StringComparer.Ordinal)
            .Select(pair => pair.candidate)
            .FirstOrDefault();
    }

    /// <summary>How many letters must be inserted, removed, replaced or swapped with the next one to make one word the other.</summary>
    private static int Distance(string left, string right)
    {
        var before = new int[right.Length + 1];
        var above = new int[right.Length + 1];
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            (before, above, row) = (above, row, before);
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(above[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }
        }
        return row[right.Length];
    }
}
