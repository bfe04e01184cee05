--- Where on the screen a float may be: beside the code, never on it, and never on the
--- cursor.
local config = require('llmls.config')

local M = {}

--- The height from which a float is useful, and from which it is good, in cells and
--- without its border.
local FEW_ROWS, GOOD_ROWS = 3, 8
local FEW_COLUMNS, GOOD_COLUMNS = 36, 60

--- The rows, and the columns, of a border.
M.BORDER = 2

---@class llmls.Spot where the float may be; all in cells of the screen, from 0
---@field anchor 'NW'|'SW'
---@field row integer
---@field col integer
---@field width integer the most
---@field height integer the most

---@class llmls.Area a part of the screen; rows and columns from 0
---@field top integer
---@field bottom integer
---@field left integer
---@field right integer behind the longest line

--- The widest of the lines, from 1, as they are displayed.
---@param win integer
---@param first integer
---@param last integer
---@return integer
local function widest(win, first, last)
  local width = 0
  vim.api.nvim_win_call(win, function()
    for line = first, last do
      width = math.max(width, vim.fn.virtcol({ line, '$' }) - 1)
    end
  end)
  return width
end

--- The part of the screen that the code covers; nil if the code is not visible.
---@param win integer
---@param place llmls.Place
---@param info table of getwininfo()
---@return llmls.Area?
local function area_of(win, place, info)
  local first = math.max(place.first[1] + 1, info.topline)
  local last = math.min(place.last[1] + 1, info.botline)
  local top, bottom = vim.fn.screenpos(win, first, 1).row - 1, info.winrow + info.height - 2
  if place.last[1] + 1 < info.topline or first > last and top < 0 then
    return nil
  elseif place.last[1] < info.botline then -- else it goes on below: of its next line a part may be in sight
    local skipcol = 0
    if top < 0 then -- the line begins above the window
      top = info.winrow - 1
      skipcol = vim.api.nvim_win_call(win, vim.fn.winsaveview).skipcol
    end
    local all =
      vim.api.nvim_win_text_height(win, { start_row = first - 1, start_vcol = skipcol, end_row = last - 1 }).all
    bottom = math.min(top + all - 1, bottom)
  end
  local left = info.wincol - 1 + info.textoff
  return {
    top = math.max(top, info.winrow - 1),
    bottom = bottom,
    left = left,
    right = left + math.min(widest(win, first, math.max(first, last)), info.width - info.textoff),
  }
end

--- Where the cursor of a window is on the screen, from 0. nil if it is not in sight.
---@param win integer
---@return integer? row
---@return integer? column
function M.cursor(win)
  local at = vim.api.nvim_win_get_cursor(win)
  local on = vim.fn.screenpos(win, at[1], at[2] + 1)
  if on.row > 0 then
    return on.row - 1, on.col - 1
  end
end

--- Right of all code if there is room, else below the explained lines or above
--- them, else right of these alone: the first that has room enough, or the one
--- that has the most. nil if there is none. It is never on the cursor. While none of
--- the explained lines is in sight, the line of the cursor takes their place.
---@param win integer
---@param place llmls.Place
---@return llmls.Spot?
function M.find(win, place)
  local most = config.get().float
  local lines = vim.o.lines - vim.o.cmdheight - (vim.o.laststatus > 0 and 1 or 0)
  local columns = vim.o.columns
  local info = vim.fn.getwininfo(win)[1]
  local left_edge = info.wincol - 1 + info.textoff
  local cursor, column = M.cursor(win)
  local area = area_of(win, place, info)
  local in_sight = area ~= nil
  area = area or { top = cursor or 0, bottom = cursor or -1, left = left_edge, right = left_edge }
  local function spot(anchor, row, col, height)
    return {
      anchor = anchor,
      row = row,
      col = col,
      width = math.min(most.width, columns - col - M.BORDER),
      height = math.min(most.height, height - M.BORDER),
    }
  end
  local height = math.min(most.height + M.BORDER, lines - 1)
  local row = math.max(0, math.min(area.top, lines - height))
  local top = math.max(1, info.topline + row - (info.winrow - 1))
  local right = left_edge + widest(win, top, math.min(info.botline, top + height - 1))
  local clear = spot('NW', row, math.max(right, area.right) + 2, height)
  local on_cursor = cursor and cursor >= row and cursor < row + height
  local beside = spot('NW', row, math.max(area.right, on_cursor and column or 0) + 2, height)
  local left = math.max(0, math.min(area.left, columns - most.width - M.BORDER))
  local below = spot('NW', area.bottom + 1, left, lines - area.bottom - 1)
  local above = spot('SW', area.top, left, area.top)
  if cursor and cursor > area.bottom then -- on the side of the cursor that has more rows
    local between, rest = cursor - area.bottom - 1, lines - cursor - 1
    below = between >= rest and spot('NW', area.bottom + 1, left, between) or spot('NW', cursor + 1, left, rest)
  elseif cursor and cursor < area.top then
    local between = area.top - cursor - 1
    above = between >= cursor and spot('SW', area.top, left, between) or spot('SW', cursor, left, cursor)
  end
  if clear.width >= GOOD_COLUMNS then
    return clear
  elseif below.height >= GOOD_ROWS then
    return below
  elseif above.height >= GOOD_ROWS then
    return above
  elseif in_sight and beside.width >= FEW_COLUMNS then
    return beside
  end
  local best = above.height > below.height and above or below
  return best.height >= FEW_ROWS and best or nil
end

return M
