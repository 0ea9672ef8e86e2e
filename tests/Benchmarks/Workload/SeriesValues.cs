namespace Tributary.Benchmarks.Workload;

/// <summary>The values of one series: a pure function of its seed and the step.</summary>
internal readonly record struct SeriesValues
{
    /// <summary>Counters that do not reset run this many steps; long against any measurement.</summary>
    private const long LongPeriod = 1 << 17;

    private static readonly int[] Cumulative = [20, 80, 180, 330, 500, 650, 790, 890, 950, 980, 995, 1000];
    private static readonly int[] CoreRequests = [50, 100, 250, 500, 1000, 2000];

    private readonly ValueKind kind;
    private readonly byte scale;
    private readonly ushort part;
    private readonly ulong seed;
    private readonly long size;
    private readonly long period;

    /// <summary>Chooses level, speed and period from the seed.</summary>
    /// <param name="family">The family, which decides the kind.</param>
    /// <param name="seed">Equal for all buckets of one histogram.</param>
    /// <param name="variant">Which value the variant label has.</param>
    public SeriesValues(MetricFamily family, ulong seed, int variant)
    {
        this.seed = seed;
        kind = family.Kind;
        part = kind == ValueKind.Bucket ? (ushort)Cumulative[variant] : (ushort)0;
        var resets = Mixing.Mix(seed, 1) % 10 == 0;
        period = resets ? 320 + (long)(Mixing.Mix(seed, 2) % 160) : LongPeriod;
        var spread = Mixing.Unit(Mixing.Mix(seed, 3));
        (size, scale) = kind switch
        {
            ValueKind.Constant => Constant(family, seed, variant),
            ValueKind.Bucket => ((long)(256 * Math.Pow(1000, spread)), (byte)0),
            ValueKind.Counter when family.Name.Contains("bytes", StringComparison.Ordinal) => (
                (long)(256 * 1000 * Math.Pow(1000, spread)),
                (byte)0
            ),
            ValueKind.Counter => ((long)(128 * Math.Pow(1000, spread)), (byte)0),
            ValueKind.SecondsCounter when family.Shape == LabelShape.Node => ((long)(256 * 500 * spread) + 1, (byte)2),
            ValueKind.SecondsCounter => ((long)(256 * 3e7 * spread) + 1, (byte)9),
            ValueKind.Bytes => ((long)(1000 * Math.Pow(1000, spread)), (byte)0),
            ValueKind.Small => (12, family.Name == "node_load1" ? (byte)2 : (byte)0),
            _ => (0, (byte)0),
        };
    }

    /// <summary>The value at a step.</summary>
    public WorkloadValue At(long step) =>
        kind switch
        {
            ValueKind.Constant => WorkloadValue.Decimal(size, scale),
            ValueKind.Bucket => WorkloadValue.Decimal(Count(step) * part / 1000, 0),
            ValueKind.Counter or ValueKind.SecondsCounter => WorkloadValue.Decimal(Count(step), scale),
            ValueKind.Rule => WorkloadValue.Full(Level(step)),
            ValueKind.Bytes => WorkloadValue.Decimal(4096 * (size + (long)(Noise(step) % (ulong)(1 + size / 16))), 0),
            _ => WorkloadValue.Decimal((long)(Noise(step / 20) % (ulong)(scale == 0 ? size : 100 * size)), scale),
        };

    private ulong Noise(long step) => Mixing.Mix(seed, (ulong)step);

    // Never falls inside a period: what is added by chance is less than what one step adds.
    private long Count(long step)
    {
        var passed = (step + (long)(seed >> 20)) % period;
        return (size * passed + (long)(Noise(step) % (ulong)size)) >> 8;
    }

    private double Level(long step)
    {
        var level = 0.01 * Math.Pow(1e6, Mixing.Unit(seed));
        return level * (0.9 + 0.2 * Mixing.Unit(Noise(step)));
    }

    private static (long Digits, byte Scale) Constant(MetricFamily family, ulong seed, int variant)
    {
        var pick = Mixing.Mix(seed, 4);
        return family.Name switch
        {
            "kube_pod_status_phase" => (variant == 2 ? 1 : 0, 0),
            "kube_pod_container_resource_requests" or "kube_pod_container_resource_limits" => variant == 0
                ? (CoreRequests[pick % (ulong)CoreRequests.Length], (byte)3)
                : ((64L << (int)(pick % 6)) << 20, (byte)0),
            "kube_pod_container_status_restarts_total" => ((long)(pick % 4), 0),
            "kube_deployment_spec_replicas" => ((long)(1 + pick % 9), 0),
            _ => (1, 0),
        };
    }
}
