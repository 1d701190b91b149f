import{open,openSmall}from"./chunk-TFV5EWUH.js";import"./room.js";export{open,openSmall};
