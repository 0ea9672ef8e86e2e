using System.Globalization;
using Tributary.Configuration.Yaml;
using Tributary.Costs;
using Tributary.Stores;

namespace Tributary.Configuration;

/// <summary>Reads the section <c>tributary.cost</c>.</summary>
internal static class CostReader
{
    private const double MaxNumber = 1e12;
    private const int MaxInstances = 1000;
    private const int MaxCurrencyChars = 8;

    /// <summary>The memory of instances that there are (Flex Consumption), in MB.</summary>
    private static readonly int[] Memories = [512, 2048, 4096];

    /// <summary>The numbers of a price table by their names, which say what they are for.</summary>
    private static readonly (string Name, Func<PriceTable, double, PriceTable> Set)[] Numbers =
    [
        ("blob_write_per_10k", (table, number) => table with { BlobWritesPer10k = number }),
        ("blob_list_per_10k", (table, number) => table with { BlobListsPer10k = number }),
        ("blob_read_per_10k", (table, number) => table with { BlobReadsPer10k = number }),
        ("blob_other_per_10k", (table, number) => table with { BlobOthersPer10k = number }),
        ("table_operation_per_10k", (table, number) => table with { TableOperationsPer10k = number }),
        ("blob_gb_month", (table, number) => table with { BlobGbMonth = number }),
        ("table_gb_month", (table, number) => table with { TableGbMonth = number }),
        ("execution_per_million", (table, number) => table with { ExecutionsPerMillion = number }),
        ("free_executions", (table, number) => table with { FreeExecutions = number }),
        ("on_demand_gb_second", (table, number) => table with { OnDemandGbSecond = number }),
        ("free_gb_seconds", (table, number) => table with { FreeGbSeconds = number }),
        ("always_ready_gb_second", (table, number) => table with { AlwaysReadyGbSecond = number }),
        ("baseline_gb_second", (table, number) => table with { BaselineGbSecond = number }),
        ("egress_gb", (table, number) => table with { EgressGb = number }),
        ("free_egress_gb", (table, number) => table with { FreeEgressGb = number }),
        ("log_gb", (table, number) => table with { LogGb = number }),
        ("free_log_gb", (table, number) => table with { FreeLogGb = number }),
    ];

    private static readonly FieldTable Fields = FieldTable.Of("prices instance_memory_mb always_ready");
    private static readonly FieldTable Prices = FieldTable
        .Of("currency as_of")
        .With(Numbers.Select(number => number.Name));

    /// <summary>The functions whose instances can be kept ready, and the jobs that pay for them.</summary>
    private static readonly (string Name, Payer Payer)[] Functions =
    [
        ("collect", Payer.Collect),
        ("evaluate", Payer.Evaluate),
        ("compact", Payer.Compact),
        ("export", Payer.Export),
        ("http", Payer.Query),
    ];

    private static readonly FieldTable Ready = FieldTable.Of(Functions.Select(function => function.Name));

    /// <summary>The section of a file, or its defaults when there is none.</summary>
    public static CostSettings Read(Section root)
    {
        if (root.Child("tributary", FieldTable.Tributary)?.Child("cost", Fields) is not { } section)
        {
            return new CostSettings();
        }
        return new CostSettings
        {
            Prices = section.Child("prices", Prices) is { } prices ? ReadPrices(prices) : PriceTable.Default,
            InstanceMemoryMb = ReadMemory(section),
            AlwaysReady = section.Child("always_ready", Ready) is { } ready
                ? ReadReady(ready)
                : new CostSettings().AlwaysReady,
        };
    }

    private static PriceTable ReadPrices(Section section)
    {
        var table = PriceTable.Default;
        foreach (var (name, set) in Numbers)
        {
            if (section.Number(name) is not { } number)
            {
                continue;
            }
            if (double.IsNaN(number) || number is < 0 or > MaxNumber)
            {
                section.Refuse(section.Field(name)!.At, $"{name} must be a number from 0 to 1e12");
                continue;
            }
            table = set(table, number);
        }
        if (section.NonEmptyText("currency") is { } currency)
        {
            if (currency.Length > MaxCurrencyChars || currency.Any(char.IsControl))
            {
                section.Refuse(section.Field("currency")!.At, "currency must be a short name, such as EUR");
            }
            table = table with { Currency = currency };
        }
        return table with { AsOf = ReadDate(section) };
    }

    private static DateOnly ReadDate(Section section)
    {
        if (section.NonEmptyText("as_of") is not { } text)
        {
            return PriceTable.DefaultsAsOf;
        }
        if (
            !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
        )
        {
            section.Refuse(
                section.Field("as_of")!.At,
                $"as_of {Words.Quote(text)} must be the date of the prices, such as 2026-11-01"
            );
        }
        return date;
    }

    private static int ReadMemory(Section section)
    {
        if (section.Count("instance_memory_mb") is not { } memory)
        {
            return CostSettings.DefaultMemoryMb;
        }
        if (!Array.Exists(Memories, one => (ulong)one == memory))
        {
            section.Refuse(
                section.Field("instance_memory_mb")!.At,
                "instance_memory_mb must be 512, 2048 or 4096: the instances that there are"
            );
            return CostSettings.DefaultMemoryMb;
        }
        return (int)memory;
    }

    private static Dictionary<string, int> ReadReady(Section section)
    {
        var instances = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, payer) in Functions)
        {
            if (section.Count(name) is not { } count)
            {
                continue;
            }
            if (count > MaxInstances)
            {
                section.Refuse(
                    section.Field(name)!.At,
                    $"{name} must be a number of instances from 0 to {MaxInstances}"
                );
                continue;
            }
            instances[payer.Job] = (int)count;
        }
        return instances;
    }
}
