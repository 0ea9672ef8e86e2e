using System.Text;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>The types and help texts of a source's families; a family that says the same again costs two hashes.</summary>
internal sealed class MetadataCache
{
    private readonly Dictionary<UInt128, Family> families = [];
    private int body;
    private int seen;

    /// <summary>The type that the body announced last, in Prometheus' words; <c>unknown</c> at its beginning.</summary>
    public string CurrentType { get; private set; } = "unknown";

    /// <summary>Begins a body.</summary>
    public void Begin()
    {
        body++;
        seen = 0;
        CurrentType = "unknown";
    }

    /// <summary>Takes a type or help text.</summary>
    /// <param name="entry"><see cref="TextEntry.Type"/> or <see cref="TextEntry.Help"/>.</param>
    /// <param name="name">The family's name, escaped.</param>
    /// <param name="text">The type, or the escaped help text.</param>
    /// <returns>How many families the body has so far.</returns>
    public int Observe(TextEntry entry, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        var key = ByteHash.Compute128(name);
        if (!families.TryGetValue(key, out var family))
        {
            family = new Family(SeriesText.Unescape(name));
            families.Add(key, family);
        }
        if (family.Body != body)
        {
            family.Body = body;
            seen++;
        }
        var hash = ByteHash.Compute128(text);
        if (entry is TextEntry.Type)
        {
            if (hash != family.TypeHash)
            {
                family.TypeHash = hash;
                var type = Encoding.UTF8.GetString(text);
                family.Type = string.Equals(type, "untyped", StringComparison.Ordinal) ? "unknown" : type;
            }
            CurrentType = family.Type;
        }
        else if (hash != family.HelpHash)
        {
            family.HelpHash = hash;
            family.Help = SeriesText.UnescapeHelp(text);
        }
        return seen;
    }

    /// <summary>What the log does not have yet.</summary>
    public IReadOnlyList<MetricMetadata> Unsent()
    {
        List<MetricMetadata>? unsent = null;
        foreach (var family in families.Values)
        {
            if (family.Body == body && !family.IsSent)
            {
                unsent ??= [];
                unsent.Add(new MetricMetadata(family.Name, family.Type, family.Help, ""));
            }
        }
        return unsent is null ? [] : unsent;
    }

    /// <summary>Takes note of what the log has.</summary>
    public void MarkSent(IReadOnlyList<MetricMetadata> metadata)
    {
        foreach (var item in metadata)
        {
            var key = ByteHash.Compute128(Escape(item.Family));
            if (!families.TryGetValue(key, out var family))
            {
                family = new Family(item.Family) { Body = body };
                families.Add(key, family);
            }
            family.Sent = item;
        }
    }

    /// <summary>Forgets the families that the last three bodies did not have.</summary>
    public void End()
    {
        if (families.Count == seen)
        {
            return;
        }
        foreach (var (key, family) in families)
        {
            if (body - family.Body > 3)
            {
                families.Remove(key);
            }
        }
    }

    private static byte[] Escape(string name) =>
        Encoding.UTF8.GetBytes(
            name.Contains('\\') || name.Contains('"') || name.Contains('\n')
                ? name.Replace("\\", "\\\\", StringComparison.Ordinal)
                    .Replace("\"", "\\\"", StringComparison.Ordinal)
                    .Replace("\n", "\\n", StringComparison.Ordinal)
                : name
        );

    private sealed class Family(string name)
    {
        public string Name { get; } = name;
        public int Body { get; set; }
        public UInt128 TypeHash { get; set; }
        public UInt128 HelpHash { get; set; }
        public string Type { get; set; } = "unknown";
        public string Help { get; set; } = "";
        public MetricMetadata? Sent { get; set; }

        public bool IsSent =>
            Sent is not null
            && string.Equals(Sent.Type, Type, StringComparison.Ordinal)
            && string.Equals(Sent.Help, Help, StringComparison.Ordinal);
    }
}
