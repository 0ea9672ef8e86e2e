using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads what is served of the section <c>storage</c>.</summary>
internal static class StorageReader
{
    private const string RetentionField = "retention";
    private const string WindowField = "out_of_order_time_window";

    /// <summary>What is kept.</summary>
    public static StorageConfig ReadRetention(Section root)
    {
        var ours =
            root.Field("tributary") is YamlMapping tributary && tributary.Find("storage")?.Value is YamlMapping storage
                ? Read(new Section(storage, "tributary: storage", root.Errors))
                : null;
        var theirs =
            root.Field("storage") is YamlMapping upstream && upstream.Find("tsdb")?.Value is YamlMapping tsdb
                ? Read(new Section(tsdb, "storage: tsdb", root.Errors))
                : null;
        return ours ?? theirs ?? new StorageConfig();
    }

    private static StorageConfig? Read(Section section)
    {
        if (section.Field(RetentionField) is not YamlMapping mapping)
        {
            return null;
        }
        var retention = new Section(mapping, section.Below(RetentionField), section.Errors);
        var time = retention.Duration("time");
        var bytes = retention.Bytes("size");
        return (time, bytes) switch
        {
            (null, 0) => null,
            (null or { Ticks: 0 }, > 0) => new StorageConfig { RetentionTime = null, RetentionBytes = bytes },
            _ => new StorageConfig
            {
                RetentionTime = time is { Ticks: > 0 } ? time : StorageConfig.DefaultRetention,
                RetentionBytes = bytes == 0 ? null : bytes,
            },
        };
    }

    /// <summary>How far back samples are accepted; the form of the whole section is checked elsewhere.</summary>
    public static TimeSpan ReadTimeWindow(Section root)
    {
        var otherwise = new CollectorConfig().OutOfOrderTimeWindow;
        if (
            root.Field("storage") is not YamlMapping storage
            || storage.Find("tsdb")?.Value is not YamlMapping tsdb
            || tsdb.Find(WindowField) is null
        )
        {
            return otherwise;
        }
        var section = new Section(tsdb, "storage: tsdb", root.Errors);
        // Zero is a value here, and not the same as none.
        return section.Field(WindowField) is null ? otherwise : section.Duration(WindowField) ?? TimeSpan.Zero;
    }
}
