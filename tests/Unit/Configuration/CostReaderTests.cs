using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Costs;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Configuration;

public sealed class CostReaderTests
{
    public static TheoryData<string, string> Mistakes =>
        new()
        {
            { "prices: {blob_writes_per_10k: 1}", "blob_write_per_10k" },
            { "prices: {log_gb: -1}", "log_gb must be a number from 0" },
            { "prices: {log_gb: .nan}", "log_gb must be a number from 0" },
            { "prices: {log_gb: cheap}", "must be a number" },
            { "prices: {as_of: yesterday}", "must be the date of the prices, such as" },
            { "prices: {currency: much-too-long}", "currency must be a short name" },
            { "instance_memory_mb: 1024", "512, 2048 or 4096" },
            { "always_ready: {colect: 1}", "collect" },
            { "always_ready: {collect: 1001}", "from 0 to 1000" },
            { "price: {}", "prices" },
        };

    [Fact]
    public void Section_Absent_HasTheDefaults() => Assert.Equal(PriceTable.Default, Read("{}").Prices);

    [Fact]
    public void Section_SetsWhatItNames()
    {
        var costs = Read(
            """
            prices: {blob_write_per_10k: 0.1, free_gb_seconds: 0, currency: EUR, as_of: 2027-01-31}
                instance_memory_mb: 2048
                always_ready: {collect: 2, http: 1}
            """
        );

        Assert.Equal(
            PriceTable.Default with
            {
                BlobWritesPer10k = 0.1,
                FreeGbSeconds = 0,
                Currency = "EUR",
                AsOf = new DateOnly(2027, 1, 31),
            },
            costs.Prices
        );
        Assert.Equal(2048, costs.InstanceMemoryMb);
        Assert.Equal((2, 1), (costs.AlwaysReady[Payer.Collect.Job], costs.AlwaysReady[Payer.Query.Job]));
    }

    [Fact]
    public void EveryPrice_CanBeSet()
    {
        string[] names =
        [
            "blob_write_per_10k",
            "blob_list_per_10k",
            "blob_read_per_10k",
            "blob_other_per_10k",
            "table_operation_per_10k",
            "blob_gb_month",
            "table_gb_month",
            "execution_per_million",
            "free_executions",
            "on_demand_gb_second",
            "free_gb_seconds",
            "always_ready_gb_second",
            "baseline_gb_second",
            "egress_gb",
            "free_egress_gb",
            "log_gb",
            "free_log_gb",
        ];
        var numbers = typeof(PriceTable)
            .GetProperties()
            .Where(property => property.PropertyType == typeof(double))
            .ToList();
        Assert.Equal(names.Length, numbers.Count);
        var set = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var table = Read($"prices: {{{name}: 12345.5}}").Prices;
            set.Add(Assert.Single(numbers, property => (double)property.GetValue(table)! == 12345.5).Name);
        }
        Assert.Equal(names.Length, set.Count);
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Mistakes_AreErrorsThatSayWhatToWrite(string section, string expected)
    {
        var exception = Assert.Throws<ConfigException>(() => Read(section));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private static CostSettings Read(string section) =>
        ConfigReader
            .Read($"scrape_configs: []\ntributary:\n  cost:\n    {section}\n", "tributary.yml", _ => null)
            .Costs;
}
