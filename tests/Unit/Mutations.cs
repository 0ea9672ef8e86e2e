namespace Tributary.Tests.Unit;

/// <summary>Texts that are valid but for a few random changes, the same for the same seed.</summary>
internal static class Mutations
{
    public static List<string> Of(IReadOnlyList<string> originals, string alphabet, int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Mutate(originals, alphabet, random))];
    }

    private static string Mutate(IReadOnlyList<string> originals, string alphabet, Random random)
    {
        var text = originals[random.Next(originals.Count)];
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(text.Length + 1);
            var length = Math.Min(text.Length - at, random.Next(0, 6));
            text = random.Next(4) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, alphabet[random.Next(alphabet.Length)].ToString()),
                2 => text.Insert(at, text.Substring(at, length)),
                _ => text[..at] + alphabet[random.Next(alphabet.Length)] + text[Math.Min(at + 1, text.Length)..],
            };
        }
        return text;
    }
}
