using Tributary.Stores;

namespace Tributary.Costs;

/// <summary>What a month costs, line by line; a line for every <see cref="CostItem"/>, in their order.</summary>
/// <param name="Lines">The lines.</param>
public sealed record CostEstimate(IReadOnlyList<CostLine> Lines)
{
    /// <summary>Days of a month on a bill: 730 hours.</summary>
    public const double DaysPerMonth = 730.0 / 24.0;

    private const double TenThousand = 10_000;
    private const double Million = 1_000_000;
    private const double StorageGb = 1024.0 * 1024.0 * 1024.0;
    private const double LogGb = 1_000_000_000;

    /// <summary>The bill.</summary>
    public double Amount => Lines.Sum(line => line.Amount);

    /// <summary>The line of an item.</summary>
    public CostLine this[CostItem item] => Lines[(int)item];

    /// <summary>What a month costs in which everything goes on as in a time that was measured.</summary>
    /// <param name="usage">All that was used; the free part of each month is taken off.</param>
    /// <param name="prices">The prices.</param>
    /// <param name="days">How long it was measured, in days; more than 0.</param>
    public static CostEstimate Of(Usage usage, PriceTable prices, double days)
    {
        var onDemand = Usage.GbSeconds(usage.OnDemandMbMs);
        var ready = Usage.GbSeconds(usage.AlwaysReadyMbMs);
        // Which of them ran where is not billed apart: by time, then.
        var freeExecutions =
            ready == 0 ? prices.FreeExecutions : prices.FreeExecutions * (onDemand / (onDemand + ready));
        return Of(
            usage,
            prices,
            days,
            item =>
                item switch
                {
                    CostItem.Executions => freeExecutions,
                    CostItem.OnDemand => prices.FreeGbSeconds,
                    CostItem.Egress => prices.FreeEgressGb,
                    CostItem.Logs => prices.FreeLogGb,
                    _ => 0,
                }
        );
    }

    /// <summary>What a part of a whole costs: of what is free it gets the share that it has in the use.</summary>
    /// <param name="usage">What the part has used.</param>
    /// <param name="prices">The prices.</param>
    /// <param name="days">How long it was measured, in days.</param>
    /// <param name="whole">The estimate of all parts together, of the same time.</param>
    public static CostEstimate Of(Usage usage, PriceTable prices, double days, CostEstimate whole)
    {
        var gross = Of(usage, prices, days, _ => 0);
        return new CostEstimate([
            .. gross.Lines.Select(line =>
                whole[line.Item] is { Quantity: > 0, Free: > 0 } all
                    ? line with
                    {
                        Free = line.Quantity * (all.Free / all.Quantity),
                        Amount = line.Amount * (1 - (all.Free / all.Quantity)),
                    }
                    : line
            ),
        ]);
    }

    private static CostEstimate Of(Usage usage, PriceTable prices, double days, Func<CostItem, double> free)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(days);
        var months = DaysPerMonth / days;
        var operations = usage.Operations;
        return new CostEstimate([
            Line(
                CostItem.BlobWrites,
                operations[OperationClass.BlobWrite] * months,
                prices.BlobWritesPer10k / TenThousand
            ),
            Line(
                CostItem.BlobLists,
                (operations[OperationClass.BlobList] + operations[OperationClass.Create]) * months,
                prices.BlobListsPer10k / TenThousand
            ),
            Line(
                CostItem.BlobReads,
                operations[OperationClass.BlobRead] * months,
                prices.BlobReadsPer10k / TenThousand
            ),
            Line(
                CostItem.BlobOthers,
                operations[OperationClass.BlobLease] * months,
                prices.BlobOthersPer10k / TenThousand
            ),
            Line(
                CostItem.TableOperations,
                (operations[OperationClass.TableRead] + operations[OperationClass.TableWrite]) * months,
                prices.TableOperationsPer10k / TenThousand
            ),
            Line(CostItem.BlobStorage, usage.StoredBytes / StorageGb, prices.BlobGbMonth),
            Line(CostItem.TableStorage, usage.TableBytes / StorageGb, prices.TableGbMonth),
            Line(CostItem.Executions, usage.Invocations * months, prices.ExecutionsPerMillion / Million),
            Line(CostItem.OnDemand, Usage.GbSeconds(usage.OnDemandMbMs) * months, prices.OnDemandGbSecond),
            Line(CostItem.AlwaysReady, Usage.GbSeconds(usage.AlwaysReadyMbMs) * months, prices.AlwaysReadyGbSecond),
            Line(CostItem.Baseline, Usage.GbSeconds(usage.BaselineMbMs) * months, prices.BaselineGbSecond),
            Line(CostItem.Egress, usage.BytesSent / StorageGb * months, prices.EgressGb),
            Line(CostItem.Logs, usage.LogBytes / LogGb * months, prices.LogGb),
        ]);

        CostLine Line(CostItem item, double quantity, double price)
        {
            var without = Math.Min(quantity, free(item));
            return new CostLine(item, quantity, without, (quantity - without) * price);
        }
    }
}
