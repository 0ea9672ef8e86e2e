namespace Tributary.Stores.Local;

/// <summary>The rule for names of blobs, at the door: what passes can be joined to a folder without leaving it.</summary>
internal static class BlobNames
{
    private const int LongestName = 1024;
    private const int LongestSegment = 200;

    /// <summary>Refuses what is not the name of a blob.</summary>
    /// <exception cref="StoreException">Rejected.</exception>
    public static void Check(string name)
    {
        if (!name.Contains('/', StringComparison.Ordinal))
        {
            throw Refused(name, "it has no container: '<container>/<blob>' is wanted");
        }
        CheckLength(name);
        foreach (var segment in name.Split('/'))
        {
            CheckSegment(name, segment);
        }
    }

    /// <summary>Refuses what cannot be the beginning of a name.</summary>
    /// <exception cref="StoreException">Rejected.</exception>
    public static void CheckPrefix(string prefix)
    {
        CheckLength(prefix);
        var segments = prefix.Split('/');
        foreach (var segment in segments[..^1])
        {
            CheckSegment(prefix, segment);
        }
        CheckCharacters(prefix, segments[^1]);
    }

    /// <summary>Whether a file of this name can be a part of a blob's name; what else lies there is not the store's.</summary>
    public static bool IsSegment(string segment) =>
        segment.Length is > 0 and <= LongestSegment && !segment.EndsWith('.') && segment.All(IsNameCharacter);

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';

    private static void CheckLength(string name)
    {
        if (name.Length > LongestName)
        {
            throw Refused(name[..40] + "…", $"it has {name.Length} characters, at most {LongestName} are allowed");
        }
    }

    private static void CheckSegment(string name, string segment)
    {
        CheckCharacters(name, segment);
        // Windows drops dots at the end of a file's name, so two names would be one file; "." and ".." leave the folder.
        if (segment.Length is 0 or > LongestSegment || segment.EndsWith('.'))
        {
            throw Refused(
                name,
                $"each part between slashes has 1 to {LongestSegment} characters and does not end with a dot"
            );
        }
    }

    private static void CheckCharacters(string name, string segment)
    {
        foreach (var c in segment)
        {
            if (!IsNameCharacter(c))
            {
                throw Refused(name, $"character U+{(int)c:x4}; allowed are letters, digits, '.', '_', '-' and '/'");
            }
        }
    }

    private static StoreException Refused(string name, string problem) =>
        new(StoreError.Rejected, $"local store: '{name}' is not a blob's name: {problem}");
}
