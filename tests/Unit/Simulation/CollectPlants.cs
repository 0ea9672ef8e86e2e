using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The bugs that the simulation has to find.</summary>
internal static class CollectPlants
{
    public static readonly IReadOnlyList<CollectPlant> All =
    [
        new("appends without an expected position")
        {
            Writing = instance => new WrongWriting.AtTheEnd(instance.Blobs, Storage(instance), always: true),
        },
        new("tries again at a new position")
        {
            Writing = instance => new WrongWriting.AtTheEnd(instance.Blobs, Storage(instance), always: false),
        },
        new("takes an unknown outcome for success")
        {
            Writing = instance => new WrongWriting.Believing(instance.Blobs, StoreError.Unknown),
        },
        new("takes a sealed file for success")
        {
            Writing = instance => new WrongWriting.Believing(instance.Blobs, StoreError.Sealed),
        },
        new("creates over a file of the same name")
        {
            Writing = instance => new WrongWriting.Overwriting(instance.Blobs, Storage(instance)),
            Names = (instance, number) => () => Fixed(number),
        },
        new("uses a file name again")
        {
            Writing = instance => new WrongWriting.NotMindingOldFiles(
                new WrongWriting.AtTheEnd(instance.Blobs, Storage(instance), always: true)
            ),
            Names = (instance, number) => () => Fixed(number),
        },
        new("moves on without sealing") { Writing = instance => new WrongWriting.NotSealing(instance.Blobs) },
        new("the compactor's seal does not seal") { Sealing = instance => new WrongWriting.NotSealing(instance.Blobs) },
        new("appends the part with the report first")
        {
            Writing = instance => new WrongWriting.ReportFirst(instance.Blobs),
        },
        new("lists what was there before") { Reading = instance => new WrongReading.StaleList(instance.Blobs) },
        new("reads before it lists")
        {
            Reading = instance => new WrongReading.ReadBeforeList(instance.Blobs, Storage(instance)),
        },
        new("counts a part without its end")
        {
            NeedsSmallAppends = true,
            Reading = instance => new WrongReading.WithoutEnd(instance.Blobs),
        },
        new("does not check checksums")
        {
            Reading = instance => new WrongReading.WithoutChecksum(instance.Blobs, instance.World.Random),
        },
        new("counts both batches of one identity") { ReadsFilesApart = true },
        new("takes a broken body for a whole one")
        {
            Http = (instance, sources) => new ModelHttp(instance, sources, Mend),
        },
    ];

    private static SimulatedStorage Storage(SimulatedInstance instance) => instance.World.Storage;

    private static Ulid Fixed(int number) => new((UInt128)number);

    /// <summary>Ends a broken body as if it were whole, with the line that the last whole one ended with.</summary>
    private static ModelBody Mend(ModelSource source, ModelBody body)
    {
        var whole = source.Bodies.LastOrDefault(one => !one.IsCut && one.Number < body.Number);
        if (!body.IsBroken || whole is null)
        {
            return body;
        }
        var kept = body.Bytes.Span[..(body.Bytes.Span.LastIndexOf((byte)'\n') + 1)];
        var end = whole.Bytes.Span[..^1];
        return body with
        {
            Bytes = (byte[])[.. kept, .. end[(end.LastIndexOf((byte)'\n') + 1)..], (byte)'\n'],
            IsBroken = false,
        };
    }
}
