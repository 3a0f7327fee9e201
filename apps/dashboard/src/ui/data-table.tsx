import './data-table.css'
import {
  type ColumnDef,
  createSortedRowModel,
  type RowData,
  rowSelectionFeature,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react'
import { type ReactNode, useMemo } from 'react'
import { BareCheckbox } from './checkbox.tsx'
import { Skeleton } from './states.tsx'

const features = tableFeatures({
  rowSortingFeature,
  rowSelectionFeature,
  sortedRowModel: createSortedRowModel(),
})

export interface Column<Row> {
  /** Also the name of the order in the URL. */
  readonly id: string
  /** Empty for the column of actions, whose buttons have labels. */
  readonly header: string
  readonly cell: (row: Row) => ReactNode
  /** What rows are ordered by. Absent: the column cannot be sorted. */
  readonly sortValue?: (row: Row) => string | number
  /** `title` names the row, and is its head on narrow screens. `actions` is its menu. */
  readonly kind?: 'title' | 'actions'
}

/** An order as it is in the URL: the id of a column, with `-` before it for descending. */
export type Sort = string

export interface DataTableProps<Row> {
  /** Names the table for assistive technology. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  /** Undefined while they are read: placeholders of the same height take their place. */
  readonly rows: readonly Row[] | undefined
  readonly rowId: (row: Row) => string
  readonly sort?: Sort | undefined
  readonly onSortChange?: (sort: Sort) => void
  /** Whether the server has ordered the rows. */
  readonly isSorted?: boolean
  /** Ids of the selected rows. Absent: rows cannot be selected. */
  readonly selected?: ReadonlySet<string>
  readonly onSelectedChange?: (selected: ReadonlySet<string>) => void
  readonly isSelectable?: (row: Row) => boolean
  /** Names a row for assistive technology, such as "Select ci". */
  readonly rowName: (row: Row) => string
  /** Takes the place of the rows if there are none. */
  readonly empty: ReactNode
}

/** A table of things: sortable, with a selection if wanted, and a list of cards on narrow screens. */
export function DataTable<Row extends RowData>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowId, sort, onSortChange, isSorted = false, rowName, empty } = props
  const { selected, onSelectedChange, isSelectable = () => true } = props
  const columnDefs = useMemo(
    () =>
      columns.map(
        (column): ColumnDef<typeof features, Row> => ({
          id: column.id,
          header: column.header,
          accessorFn: column.sortValue ?? (() => ''),
          enableSorting: column.sortValue !== undefined,
          sortFn: (a, b, id) => compare(a.getValue<string | number>(id), b.getValue<string | number>(id)),
        }),
      ),
    [columns],
  )
  const sorting = useMemo((): SortingState => {
    if (!sort) return []
    return [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }]
  }, [sort])
  const rowSelection = useMemo(
    () => Object.fromEntries([...(selected ?? [])].map((id) => [id, true as const])),
    [selected],
  )
  const table = useTable({
    features,
    columns: columnDefs,
    data: rows ?? NO_ROWS,
    getRowId: rowId,
    manualSorting: isSorted,
    enableRowSelection: (row) => isSelectable(row.original),
    state: { sorting, rowSelection },
    onRowSelectionChange: (update) => {
      const next = typeof update === 'function' ? update(rowSelection) : update
      onSelectedChange?.(new Set(Object.keys(next)))
    },
  })
  const hasSelection = selected !== undefined
  if (rows?.length === 0) return empty
  return (
    <div className="table-frame">
      <table className="table" aria-label={label} aria-busy={rows === undefined}>
        <thead>
          <tr>
            {hasSelection && (
              <th className="narrow" scope="col">
                <BareCheckbox
                  label="Select all"
                  checked={table.getIsAllRowsSelected()}
                  isIndeterminate={table.getIsSomeRowsSelected() && !table.getIsAllRowsSelected()}
                  onCheckedChange={(checked) => table.toggleAllRowsSelected(checked)}
                />
              </th>
            )}
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} sort={sort} onSortChange={onSortChange} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows === undefined
            ? PLACEHOLDERS.map((key) => (
                <tr key={key}>
                  {hasSelection && <td className="narrow" />}
                  {columns.map((column) => (
                    <td key={column.id}>{column.kind !== 'actions' && <Skeleton height="1.5rem" />}</td>
                  ))}
                </tr>
              ))
            : table.getRowModel().rows.map((row) => (
                <tr key={row.id} {...(row.getIsSelected() && { 'data-selected': '' })}>
                  {hasSelection && (
                    <td className="narrow select-cell">
                      <BareCheckbox
                        label={`Select ${rowName(row.original)}`}
                        checked={row.getIsSelected()}
                        disabled={!row.getCanSelect()}
                        onCheckedChange={(checked) => row.toggleSelected(checked)}
                      />
                    </td>
                  )}
                  {columns.map((column) => (
                    <td
                      key={column.id}
                      className={column.kind === 'actions' ? 'narrow actions-cell' : `${column.kind ?? 'plain'}-cell`}
                      {...(column.kind === undefined && { 'data-label': column.header })}
                    >
                      {column.cell(row.original)}
                    </td>
                  ))}
                </tr>
              ))}
        </tbody>
      </table>
    </div>
  )
}

function HeaderCell<Row>({
  column,
  sort,
  onSortChange,
}: {
  readonly column: Column<Row>
  readonly sort: Sort | undefined
  readonly onSortChange: ((sort: Sort) => void) | undefined
}) {
  const { id, header, sortValue } = column
  if (column.kind === 'actions') {
    return (
      <th scope="col" className="narrow">
        <span className="visually-hidden">Actions</span>
      </th>
    )
  }
  if (!sortValue || !onSortChange) return <th scope="col">{header}</th>
  const direction = sort === id ? 'ascending' : sort === `-${id}` ? 'descending' : undefined
  const Icon = direction === undefined ? ChevronsUpDown : direction === 'ascending' ? ArrowUp : ArrowDown
  return (
    <th scope="col" {...(direction && { 'aria-sort': direction })}>
      <button type="button" className="sort" onClick={() => onSortChange(sort === id ? `-${id}` : id)}>
        {header}
        <Icon className="icon" aria-hidden="true" />
      </button>
    </th>
  )
}

const NO_ROWS: never[] = []
const PLACEHOLDERS = ['a', 'b', 'c', 'd', 'e', 'f']
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

const compare = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
