using Tributary.Configuration;
using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Configuration;

public sealed class AttachedConfigTests
{
    [Fact]
    public void Attached_ContainersAndFolders_AreRead()
    {
        var config = Read(
            """
            tributary:
              storage:
                attached:
                - container: thanos
                - name: old
                  folder: blocks
                  prefix: /tenant/a/
                  refresh_interval: 1m
            """
        );
        Assert.Equal(
            [
                new AttachedConfig("thanos") { Container = "thanos" },
                new AttachedConfig("old")
                {
                    Folder = Path.GetFullPath("blocks"),
                    Prefix = "tenant/a/",
                    RefreshInterval = TimeSpan.FromMinutes(1),
                },
            ],
            config.Storage.Attached.Select(one =>
                one.Folder is null ? one : one with { Folder = Path.GetFullPath(one.Folder) }
            )
        );
        Assert.Equal(StorageConfig.DefaultRetention, config.Storage.RetentionTime);
    }

    [Theory]
    [InlineData("[{name: a}]", "either container")]
    [InlineData("[{container: thanos, folder: x}]", "either container")]
    [InlineData("[{container: UPPER}]", "\"UPPER\" is no name of a container")]
    [InlineData("[{container: ab}]", "is no name of a container")]
    [InlineData("[{container: blocks}]", "blocks is Tributary's own")]
    [InlineData("[{container: abc}, {folder: x, name: abc}]", "another one with the name \"abc\"")]
    [InlineData("[{container: abc, refresh_interval: 9s}]", "refresh_interval is shorter than 10s")]
    [InlineData("[{contaner: abc}]", "contaner")]
    public void Attached_Mistakes_AreNamed(string text, string problem)
    {
        var error = Assert.Throws<ConfigException>(() => Read($"tributary: {{storage: {{attached: {text}}}}}"));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    private static CollectorConfig Read(string text) => ConfigReader.Read(text, "tributary.yml", ConfigFiles.OfProcess);
}
