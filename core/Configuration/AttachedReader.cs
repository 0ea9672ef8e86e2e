using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads <c>tributary.storage.attached</c>.</summary>
internal static class AttachedReader
{
    private const string ListField = "attached";
    private const int MaxSources = 16;
    private static readonly TimeSpan LeastRefresh = TimeSpan.FromSeconds(10);

    /// <summary>The containers and folders.</summary>
    public static IReadOnlyList<AttachedConfig> Read(Section root)
    {
        if (
            root.Field("tributary") is not YamlMapping tributary
            || tributary.Find("storage")?.Value is not YamlMapping own
        )
        {
            return [];
        }
        var storage = new Section(own, "tributary: storage", root.Errors);
        var all = new List<AttachedConfig>();
        foreach (var node in storage.List(ListField))
        {
            if (storage.Item(node, ListField, FieldTable.Attached) is not { } section)
            {
                continue;
            }
            if (all.Count == MaxSources)
            {
                section.Refuse(section.At, $"at most {MaxSources} can be attached");
                break;
            }
            if (ReadOne(section) is { } one)
            {
                if (all.Exists(other => string.Equals(other.Name, one.Name, StringComparison.Ordinal)))
                {
                    section.Refuse(section.At, $"there is another one with the name {Words.Quote(one.Name)}");
                }
                all.Add(one);
            }
        }
        return all;
    }

    private static AttachedConfig? ReadOne(Section section)
    {
        var (container, folder) = (section.NonEmptyText("container"), section.NonEmptyText("folder"));
        if (container is null == folder is null)
        {
            section.Refuse(
                section.At,
                "either container (of the storage account of --storage) or folder (of this machine) says where the blocks are"
            );
            return null;
        }
        if (container is not null && !IsContainer(container))
        {
            section.Refuse(
                section.At,
                $"container: {Words.Quote(Words.Clean(container))} is no name of a container: 3 to 63 of a-z, 0-9 and '-'"
            );
            return null;
        }
        if (container is "blocks" or "log" or "deletes" or "store" or "leases")
        {
            section.Refuse(section.At, $"container: {container} is Tributary's own, and is read already");
            return null;
        }
        var refresh = section.Duration("refresh_interval") ?? AttachedConfig.DefaultRefresh;
        if (refresh < LeastRefresh)
        {
            section.Refuse(section.At, $"refresh_interval is shorter than {LeastRefresh.TotalSeconds}s");
        }
        var prefix = (section.Text("prefix") ?? "").Trim('/');
        return new AttachedConfig(section.NonEmptyText("name") ?? container ?? folder!)
        {
            Container = container,
            Folder = folder is null ? null : section.Errors.PathOf(folder),
            Prefix = prefix.Length == 0 ? "" : prefix + "/",
            RefreshInterval = refresh,
        };
    }

    private static bool IsContainer(string name) =>
        name.Length is >= 3 and <= 63 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
